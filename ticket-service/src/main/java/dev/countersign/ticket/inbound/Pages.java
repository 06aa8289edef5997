package dev.countersign.ticket.inbound;

import dev.countersign.events.Digest;
import dev.countersign.ticket.application.Lookalikes;
import dev.countersign.ticket.application.ReconcileExecution;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.SignIn;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.qute.i18n.Localized;
import io.quarkus.qute.i18n.MessageBundles;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.PathSegment;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Renders pages in the reader's language, for whoever is signed in. Words stand in message bundles
/// ({@link Words} and one for each feature), German ones in `messages/`.
@ApplicationScoped
class Pages {

  /// The languages that there are words in; the first where a browser asks for none of them.
  static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.GERMAN);

  private static final Logger LOG = Logger.getLogger(Pages.class);

  private final HttpHeaders request;
  private final UriInfo uri;
  private final Roster roster;
  private final ReconcileExecution unknown;
  private final boolean byProvider;

  @Inject
  Pages(
      HttpHeaders request,
      UriInfo uri,
      Roster roster,
      ReconcileExecution unknown,
      @ConfigProperty(name = "countersign.oidc.enabled") boolean byProvider) {
    this.request = request;
    this.uri = uri;
    this.roster = roster;
    this.unknown = unknown;
    this.byProvider = byProvider;
  }

  /// The language of the request that is being answered (RFC 9110 §12.5.4).
  Locale language() {
    return request.getAcceptableLanguages().stream()
        .map(wanted -> Locale.forLanguageTag(wanted.getLanguage()))
        .filter(LANGUAGES::contains)
        .findFirst()
        .orElse(LANGUAGES.getFirst());
  }

  /// The words of a bundle in that language.
  <T> T words(Class<T> bundle) {
    Locale language = language();
    return language.equals(LANGUAGES.getFirst())
        ? MessageBundles.get(bundle)
        : MessageBundles.get(bundle, Localized.Literal.of(language.toLanguageTag()));
  }

  /// How this person reads times and spans.
  Moments moments(String approver) {
    return new Moments(words(Words.class), language(), roster.zone(approver));
  }

  /// How text from outside is shown to this reader, held against these words.
  Visible visible(Lookalikes known) {
    return Visible.in(words(VisibleWords.class), language(), known);
  }

  /// `here` is the first part of the path, by which the navigation knows where the reader is.
  Uni<Response> render(
      Response.Status status, SignIn.@Nullable Signed signed, TemplateInstance page) {
    Locale language = language();
    return toLookInto(signed)
        .chain(toLookInto ->
            page.setLocale(language)
                .data("lang", language.toLanguageTag())
                .data("byProvider", byProvider)
                .data(
                    "here",
                    uri.getPathSegments().stream().findFirst().map(PathSegment::getPath).orElse(""))
                .data("person", signed == null ? null : roster.name(signed.approver()))
                .data("reader", signed == null ? null : reader(signed))
                .data("token", signed == null ? null : signed.formToken())
                .data("toLookInto", toLookInto)
                .createUni())
        .map(html -> Response.status(status).language(language).entity(html).build());
  }

  /// Whose page it is, as far as a page can tell that its next news are somebody else's.
  private static String reader(SignIn.Signed signed) {
    return Digest.of(signed.approver().getBytes(StandardCharsets.UTF_8)).value();
  }

  /// How many outcomes that nobody knows wait for this person: a mark in the navigation.
  private Uni<Integer> toLookInto(SignIn.@Nullable Signed signed) {
    return signed == null
        ? Uni.createFrom().item(0)
        : unknown
            .count(signed.approver())
            .map(Math::toIntExact)
            // No page is missing for want of its mark, least the one that says what is away.
            .onFailure()
            .invoke(failure ->
                LOG.warnf("Outcomes to look into could not be counted cause=%s", failure))
            .onFailure()
            .recoverWithItem(0);
  }
}
