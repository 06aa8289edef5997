package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.HeadersTemplate;
import dev.countersign.executor.domain.HttpCall;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Reach;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Access tokens by client credentials (RFC 6749 §4.4), fetched the one way out and kept in memory
/// until shortly before their end. However many executions want one, it is fetched once.
@ApplicationScoped
class AccessTokens {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int LARGEST_ANSWER = 64 * 1024;
  // What a server that says no end is trusted to keep to (RFC 6749 §5.1).
  private static final Duration WITHOUT_AN_END = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofDays(1);

  private record Token(String value, long endsAt) {}

  private final Vertx vertx;
  private final GuardedHttp http;
  private final Credentials credentials;
  private final LongSupplier nanoTime = System::nanoTime;
  private final Map<Credential.ClientCredentials, Future<Token>> tokens = new HashMap<>();

  @Inject
  AccessTokens(Vertx vertx, GuardedHttp http, Credentials credentials) {
    this.vertx = vertx;
    this.http = http;
    this.credentials = credentials;
  }

  /// A token that is good for a while; fails as {@link Unsent} where there is none to be had.
  synchronized Future<String> find(Credential.ClientCredentials credential, Reach reach) {
    // Those of connectors that are no more go too.
    tokens.values().removeIf(this::isOver);
    Future<Token> token = tokens.computeIfAbsent(credential, _ -> fetch(credential, reach));
    return token.map(Token::value);
  }

  /// The target does not take it.
  synchronized void drop(Credential.ClientCredentials credential, String value) {
    Future<Token> known = tokens.get(credential);
    if (known != null && known.succeeded() && known.result().value.equals(value)) {
      tokens.remove(credential);
    }
  }

  private boolean isOver(Future<Token> token) {
    return token.failed()
        || (token.succeeded() && nanoTime.getAsLong() - token.result().endsAt >= 0);
  }

  private Future<Token> fetch(Credential.ClientCredentials credential, Reach reach) {
    KeptBody body = new KeptBody(LARGEST_ANSWER);
    return vertx
        .executeBlocking(() -> http.prepare(request(credential), reach), false)
        .compose(prepared -> {
          long asked = nanoTime.getAsLong();
          return http.send(Objects.requireNonNull(prepared), TIMEOUT, body, LastLook.NONE)
              .compose(exchanged ->
                  token(exchanged, body, asked)
                      .map(Future::succeededFuture)
                      .orElseGet(() -> Future.failedFuture(refused(exchanged))));
        });
  }

  private HttpCall request(Credential.ClientCredentials credential) throws Unsent {
    String secret =
        credentials
            .find(credential.secret())
            .orElseThrow(() -> unsent("The client's secret is not where connectors.yaml says"));
    String form =
        "grant_type=client_credentials"
            + member("scope", credential.scope())
            + member("resource", credential.resource());
    String basic = encode(credential.clientId()) + ":" + encode(secret);
    return new HttpCall(
        "POST",
        credential.tokens().tls(),
        credential.tokens().host(),
        credential.tokens().port(),
        credential.tokens().target(),
        Map.of(
            "authorization",
            "Basic "
                + Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.US_ASCII)),
            "content-type",
            "application/x-www-form-urlencoded",
            "accept",
            "application/json"),
        form);
  }

  private Optional<Token> token(Exchanged exchanged, KeptBody body, long asked) {
    if (!(exchanged instanceof Exchanged.Answered answered)
        || answered.code() != 200
        || !answered.whole()) {
      return Optional.empty();
    }
    JsonNode json;
    try {
      json = EventJson.readTree(body.bytes());
    } catch (IllegalArgumentException | UncheckedIOException e) {
      return Optional.empty();
    }
    String value = json.path("access_token").textValue();
    if (value == null
        || value.isEmpty()
        || !HeadersTemplate.isFieldValue(value)
        || !json.path("token_type").asText().equalsIgnoreCase("bearer")) {
      return Optional.empty();
    }
    long seconds = json.path("expires_in").asLong(WITHOUT_AN_END.toSeconds());
    Duration life = Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST.toSeconds()));
    // A tenth earlier: it must still be good when the target looks at it.
    return Optional.of(new Token(value, asked + life.multipliedBy(9).dividedBy(10).toNanos()));
  }

  private static Unsent refused(Exchanged exchanged) {
    return switch (exchanged) {
      case Exchanged.Not not -> new Unsent(not.why());
      case Exchanged.Broken _ -> unsent("The authorization server did not answer");
      case Exchanged.Answered answered ->
          unsent("The authorization server gave no bearer token (" + answered.code() + ")");
    };
  }

  private static Unsent unsent(String what) {
    return new Unsent(Outcome.failed("token-refused", what + "; nothing was sent to the target."));
  }

  private static String member(String name, @Nullable String value) {
    return value == null ? "" : "&" + name + "=" + encode(value);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
