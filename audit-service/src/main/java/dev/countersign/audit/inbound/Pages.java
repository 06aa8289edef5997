package dev.countersign.audit.inbound;

import dev.countersign.audit.domain.Outcome;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.text.NumberFormat;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Renders pages in the reader's language. Words stand in message bundles ({@link Words} and one
/// for each page), German ones in `messages/`.
@ApplicationScoped
class Pages {

  private static final String CSP =
      "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri"
          + " 'none'";

  private final HttpHeaders request;

  @Inject
  Pages(HttpHeaders request) {
    this.request = request;
  }

  private Locale language() {
    return Languages.of(request);
  }

  /// The words of a bundle in the reader's language.
  <T> T words(Class<T> bundle) {
    return Languages.words(bundle, language());
  }

  /// A point in time, in UTC.
  String at(Instant at) {
    return DateTimeFormatter.ofPattern(words(Words.class).moment(), language())
            .format(at.atZone(ZoneOffset.UTC))
        + " UTC";
  }

  /// A number as it is written in that language.
  String number(long number) {
    return NumberFormat.getIntegerInstance(language()).format(number);
  }

  /// An outcome in words.
  String word(Outcome outcome) {
    Words words = words(Words.class);
    return switch (outcome) {
      case RECEIVED -> words.received();
      case WAITING -> words.waiting();
      case APPROVED -> words.approved();
      case REJECTED -> words.rejected();
      case DENIED -> words.denied();
      case EXPIRED -> words.expired();
      case CANCELLED -> words.cancelled();
      case REFUSED -> words.refused();
      case SUCCEEDED -> words.succeeded();
      case FAILED -> words.failed();
      case PRECONDITION_FAILED -> words.preconditionFailed();
      case UNKNOWN -> words.unknown();
    };
  }

  /// @param here by which the navigation knows where the reader is
  Uni<Response> render(Response.Status status, String here, TemplateInstance page) {
    Locale language = language();
    return page.setLocale(language)
        .data("lang", language.toLanguageTag())
        .data("here", here)
        .createUni()
        .map(html ->
            Response.status(status)
                .language(language)
                .header("Content-Security-Policy", CSP)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Opener-Policy", "same-origin")
                .header("Cross-Origin-Resource-Policy", "same-origin")
                .header("Cache-Control", "no-store")
                .entity(html)
                .build());
  }
}
