package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.SignIn;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// Signing in by a mailed code, and out.
@Path("/")
@Produces("text/html;charset=UTF-8")
public class SignInPages {

  private static final int LONGEST_ADDRESS = 320;

  private final SignIn signIn;
  private final Visitors visitors;
  private final Pages pages;
  private final Template signInPage;
  private final Template code;
  private final Template message;

  @Inject
  SignInPages(
      SignIn signIn,
      Visitors visitors,
      Pages pages,
      @Location("sign-in.html") Template signInPage,
      @Location("code.html") Template code,
      @Location("message.html") Template message) {
    this.signIn = signIn;
    this.visitors = visitors;
    this.pages = pages;
    this.signInPage = signInPage;
    this.code = code;
    this.message = message;
  }

  @GET
  @Path("sign-in")
  @Operation(hidden = true)
  public Uni<Response> signIn(@QueryParam("then") @Nullable String then) {
    return address(Response.Status.OK, then, null);
  }

  /// Asks for a code. The answer is the same whoever the address belongs to.
  @POST
  @Path("sign-in")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> ask(
      @FormParam("address") @Nullable String address,
      @FormParam("then") @Nullable String then,
      @Context HttpHeaders headers,
      @Context HttpServerRequest request) {
    if (visitors.isForeign(headers)) {
      return address(Response.Status.FORBIDDEN, then, words().foreign());
    }
    if (address == null || address.isBlank() || address.length() > LONGEST_ADDRESS) {
      return address(Response.Status.BAD_REQUEST, then, words().typeAddress());
    }
    return signIn
        .ask(address, request.remoteAddress().hostAddress())
        .chain(asked ->
            switch (asked) {
              case SignIn.Asking.Sent sent ->
                  Uni.createFrom().item(toCode(then, visitors.browser(sent.browser())));
              case SignIn.Asking.TooMany _ ->
                  address(Response.Status.TOO_MANY_REQUESTS, then, words().tooMany());
            });
  }

  private static Response toCode(@Nullable String then, NewCookie browser) {
    String to =
        "/sign-in/code?then=" + URLEncoder.encode(Visitors.ownPath(then), StandardCharsets.UTF_8);
    return Response.seeOther(URI.create(to)).cookie(browser).build();
  }

  @GET
  @Path("sign-in/code")
  @Operation(hidden = true)
  public Uni<Response> code(@QueryParam("then") @Nullable String then) {
    return code(Response.Status.OK, then, null);
  }

  /// Types the code.
  @POST
  @Path("sign-in/code")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> enter(
      @FormParam("code") @Nullable String typed,
      @FormParam("then") @Nullable String then,
      @Context HttpHeaders headers) {
    String browser = Visitors.cookie(headers, Visitors.BROWSER);
    if (visitors.isForeign(headers) || browser == null) {
      return address(Response.Status.FORBIDDEN, then, words().otherBrowser());
    }
    return signIn
        .enter(browser, typed == null ? "" : typed)
        .chain(entered ->
            switch (entered) {
              case SignIn.Entering.Entered it ->
                  Uni.createFrom()
                      .item(
                          Response.seeOther(URI.create(Visitors.ownPath(then)))
                              .cookie(
                                  visitors.session(it.session()), visitors.none(Visitors.BROWSER))
                              .build());
              case SignIn.Entering.Wrong wrong ->
                  code(Response.Status.UNAUTHORIZED, then, words().wrong(wrong.triesLeft()));
              case SignIn.Entering.Gone _ ->
                  address(Response.Status.UNAUTHORIZED, then, words().gone());
            });
  }

  /// Ends the session, where its own page says so: another site signs nobody out, neither by the
  /// session nor by the cookie. A session that is over already has nothing to lose but the cookie.
  @POST
  @Path("sign-out")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> signOut(
      @FormParam("token") @Nullable String token, @Context HttpHeaders headers) {
    Words words = pages.words(Words.class);
    if (visitors.isForeign(headers)) {
      return staysIn(null, words.foreign());
    }
    String session = Visitors.cookie(headers, Visitors.SESSION);
    return visitors
        .find(headers)
        .chain(signed -> {
          if (session == null || signed.isEmpty()) {
            return Uni.createFrom().item(out());
          }
          return Visitors.isOwnForm(signed.get(), token)
              ? signIn.end(session).map(_ -> out())
              : staysIn(signed.get(), words.notYourForm());
        });
  }

  private Uni<Response> staysIn(SignIn.@Nullable Signed signed, String sentence) {
    return pages.render(
        Response.Status.FORBIDDEN,
        signed,
        message.data("heading", pages.words(Words.class).foreignHeading(), "sentence", sentence));
  }

  private Response out() {
    return Response.seeOther(URI.create("/sign-in"))
        .cookie(visitors.none(Visitors.SESSION))
        .build();
  }

  private SignInWords words() {
    return pages.words(SignInWords.class);
  }

  private Uni<Response> address(
      Response.Status status, @Nullable String then, @Nullable String notice) {
    return pages.render(
        status, null, signInPage.data("then", Visitors.ownPath(then), "notice", notice));
  }

  private Uni<Response> code(
      Response.Status status, @Nullable String then, @Nullable String notice) {
    return pages.render(status, null, code.data("then", Visitors.ownPath(then), "notice", notice));
  }
}
