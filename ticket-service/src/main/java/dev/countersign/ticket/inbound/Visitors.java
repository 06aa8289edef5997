package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.SignIn;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.NewCookie;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a request, and whether a form came from a page of ours.
@ApplicationScoped
class Visitors {

  static final String SESSION = "countersign-session";
  static final String BROWSER = "countersign-browser";

  /// The header of requests that a page makes without anybody pressing anything.
  static final String BY_ITSELF = "Countersign-By-Itself";

  private static final int CODE_LIFE = 600;
  private static final int SESSION_LIFE = 8 * 60 * 60;
  private static final Pattern LOCAL_HOST =
      Pattern.compile("https?://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:\\d+)?");
  private static final Pattern OWN_PATH =
      Pattern.compile("/(tickets/[0-9a-fA-F-]{36}(/set)?|search|people|trust|attention|freezes)?");

  private final SignIn signIn;
  private final URI url;

  @Inject
  Visitors(SignIn signIn, @ConfigProperty(name = "countersign.ticket.url") URI url) {
    this.signIn = signIn;
    this.url = url;
  }

  /// Who holds the session of this request. One that a page makes by itself says so, and is no sign
  /// that somebody is there.
  Uni<Optional<SignIn.Signed>> find(HttpHeaders headers) {
    if (isByItself(headers)) {
      return peek(headers);
    }
    String token = cookie(headers, SESSION);
    return token == null ? Uni.createFrom().item(Optional.empty()) : signIn.find(token);
  }

  /// Whether a page asks without anybody pressing anything, and maybe without anybody looking.
  static boolean isByItself(HttpHeaders headers) {
    return headers.getHeaderString(BY_ITSELF) != null;
  }

  /// The same, and the session grows idle all the while.
  Uni<Optional<SignIn.Signed>> peek(HttpHeaders headers) {
    String token = cookie(headers, SESSION);
    return token == null ? Uni.createFrom().item(Optional.empty()) : signIn.peek(token);
  }

  static @Nullable String cookie(HttpHeaders headers, String name) {
    Cookie cookie = headers.getCookies().get(name);
    return cookie == null || cookie.getValue().isEmpty() ? null : cookie.getValue();
  }

  NewCookie session(String token) {
    return cookie(SESSION, token, SESSION_LIFE);
  }

  NewCookie browser(String token) {
    return cookie(BROWSER, token, CODE_LIFE);
  }

  NewCookie none(String name) {
    return cookie(name, "", 0);
  }

  private NewCookie cookie(String name, String value, int seconds) {
    return new NewCookie.Builder(name)
        .value(value)
        .path("/")
        .maxAge(seconds)
        .httpOnly(true)
        .secure("https".equals(url.getScheme()))
        .sameSite(NewCookie.SameSite.STRICT)
        .build();
  }

  /// Whether the browser says that a form came from another site. One that says nothing is no
  /// browser, and the session's form token still stands between it and an answer.
  boolean isForeign(HttpHeaders headers) {
    String site = headers.getHeaderString("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return true;
    }
    String origin = headers.getHeaderString("Origin");
    if (origin == null) {
      return false;
    }
    if (origin.equals("null")) {
      // What a page without referrer sends of itself too; then the browser must vouch for it.
      return site == null;
    }
    if (origin.equals(url.getScheme() + "://" + url.getAuthority())) {
      return false;
    }
    // The same machine under its other names, on the port that the request came to.
    String host = headers.getHeaderString("Host");
    return !(host != null
        && LOCAL_HOST.matcher(origin).matches()
        && origin.toLowerCase(Locale.ROOT).endsWith("//" + host.toLowerCase(Locale.ROOT)));
  }

  /// Whether the form carries the token of this session.
  static boolean isOwnForm(SignIn.Signed signed, @Nullable String token) {
    return token != null
        && MessageDigest.isEqual(
            token.getBytes(StandardCharsets.UTF_8),
            signed.formToken().getBytes(StandardCharsets.UTF_8));
  }

  /// Where to go after signing in: a page of ours, or the inbox.
  static String ownPath(@Nullable String then) {
    return then != null && OWN_PATH.matcher(then).matches() ? then : "/";
  }
}
