package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.SignIn;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Renders pages in the reader's language, for whoever is signed in. Words stand in message bundles
/// ({@link Words} and one for each feature), German ones in `messages/`.
@ApplicationScoped
class Pages {

  /// The languages that there are words in; the first where a browser asks for none of them.
  static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.GERMAN);

  private final HttpHeaders request;
  private final Roster roster;

  @Inject
  Pages(HttpHeaders request, Roster roster) {
    this.request = request;
    this.roster = roster;
  }

  /// The language of the request that is being answered (RFC 9110 §12.5.4).
  Locale language() {
    return request.getAcceptableLanguages().stream()
        .map(wanted -> Locale.forLanguageTag(wanted.getLanguage()))
        .filter(LANGUAGES::contains)
        .findFirst()
        .orElse(LANGUAGES.getFirst());
  }

  Uni<Response> render(
      Response.Status status, SignIn.@Nullable Signed signed, TemplateInstance page) {
    Locale language = language();
    return page.setLocale(language)
        .data("lang", language.toLanguageTag())
        .data("person", signed == null ? null : roster.name(signed.approver()))
        .data("token", signed == null ? null : signed.formToken())
        .createUni()
        .map(html -> Response.status(status).entity(html).build());
  }
}
