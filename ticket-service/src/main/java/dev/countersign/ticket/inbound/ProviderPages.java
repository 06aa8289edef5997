package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.Began;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.SignIn;
import io.quarkus.oidc.OidcSession;
import io.quarkus.qute.Location;
import io.quarkus.qute.RawString;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// Signing in by the organisation's identity provider (OpenID Connect Core 1.0 §3.1), where one is
/// set up. It says who somebody is and nothing more: see {@link Began#OIDC}.
///
/// Where it is set up, `application.properties` closes the path to whoever has not just come from
/// the provider with an ID token that Quarkus verified.
@Path("sign-in/oidc")
@Produces("text/html;charset=UTF-8")
public class ProviderPages {

  private static final String MAIL = "email";

  private final SignIn signIn;
  private final Roster roster;
  private final Visitors visitors;
  private final Pages pages;
  private final OidcSession provider;
  private final boolean enabled;
  private final String claim;
  private final Template signedIn;
  private final Template message;

  @Inject
  ProviderPages(
      SignIn signIn,
      Roster roster,
      Visitors visitors,
      Pages pages,
      OidcSession provider,
      @ConfigProperty(name = "countersign.oidc.enabled") boolean enabled,
      @ConfigProperty(name = "countersign.oidc.claim") String claim,
      @Location("signed-in.html") Template signedIn,
      @Location("message.html") Template message) {
    this.signIn = signIn;
    this.roster = roster;
    this.visitors = visitors;
    this.pages = pages;
    this.provider = provider;
    this.enabled = enabled;
    this.claim = claim;
    this.signedIn = signedIn;
    this.message = message;
  }

  /// Begins a session of the approver whom the provider named.
  @GET
  @Operation(hidden = true)
  public Uni<Response> back(@QueryParam("then") @Nullable String then) {
    if (!enabled) {
      ProviderWords words = pages.words(ProviderWords.class);
      return message(Response.Status.NOT_FOUND, words.off(), words.offSentence());
    }
    Optional<String> named = named();
    Optional<Roster.Person> person = named.flatMap(roster::find);
    // Our own session takes over; the provider's would outlive a sign-out.
    return provider
        .logout()
        .chain(() ->
            person
                .map(it -> begin(it, Visitors.ownPath(then)))
                .orElseGet(() -> named.map(this::unknown).orElseGet(this::failed)));
  }

  /// Where those come who were not signed in there.
  @GET
  @Path("failed")
  @Operation(hidden = true)
  public Uni<Response> failed() {
    ProviderWords words = pages.words(ProviderWords.class);
    return message(Response.Status.FORBIDDEN, words.failed(), words.failedSentence());
  }

  private Uni<Response> unknown(String named) {
    ProviderWords words = pages.words(ProviderWords.class);
    // Our words hold no markup, and theirs none any more.
    return message(
        Response.Status.FORBIDDEN,
        words.unknown(),
        new RawString(words.unknownSentence(Visible.line(named).getValue())));
  }

  /// Whom the provider named. An address counts only where it has checked it (OpenID Connect Core
  /// 1.0 §5.7), or whoever may open an account there could be anybody here.
  private Optional<String> named() {
    JsonWebToken token = provider.getIdToken();
    boolean counts =
        !claim.equals(MAIL) || Boolean.TRUE.equals(token.<Object>getClaim("email_verified"));
    return counts ? token.claim(claim).map(Object::toString) : Optional.empty();
  }

  /// A page that leads on, and no redirect: whoever comes from the provider comes from another
  /// site, and the session's cookie is for what our own pages lead to.
  private Uni<Response> begin(Roster.Person person, String then) {
    return signIn
        .begin(person.id(), Began.OIDC)
        .chain(session ->
            pages
                .render(
                    Response.Status.OK, null, signedIn.data("name", person.name(), "then", then))
                .map(shown ->
                    Response.fromResponse(shown).cookie(visitors.session(session)).build()));
  }

  private Uni<Response> message(Response.Status status, String heading, Object sentence) {
    return pages.render(status, null, message.data("heading", heading, "sentence", sentence));
  }
}
