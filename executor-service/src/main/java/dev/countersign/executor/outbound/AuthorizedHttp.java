package dev.countersign.executor.outbound;

import dev.countersign.events.Digest;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.HttpCall;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Reach;
import dev.countersign.executor.domain.Unfit;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the credential meets the call.
@ApplicationScoped
class AuthorizedHttp {

  /// Makes the request, without its credential.
  @FunctionalInterface
  interface Call {
    HttpCall make() throws Unfit;
  }

  /// As whom a target knows us.
  ///
  /// @param client of the connections; for another certificate it is another one
  /// @param credential the digest of what is shown of it, for secrets are not kept; null for none
  record Identity(HttpClient client, @Nullable Digest credential) {}

  /// Asked when the credential was read and nothing has been sent; throws where nothing may be.
  @FunctionalInterface
  interface Guard {
    Guard NONE = _ -> {};

    void pass(Identity identity) throws Unsent;
  }

  /// The header that the credential goes in.
  private record Shown(String name, String value) {}

  @FunctionalInterface
  private interface Showing {
    Optional<Shown> find() throws Unsent;
  }

  private final Vertx vertx;
  private final GuardedHttp http;
  private final Credentials credentials;
  private final AccessTokens tokens;

  @Inject
  AuthorizedHttp(Vertx vertx, GuardedHttp http, Credentials credentials, AccessTokens tokens) {
    this.vertx = vertx;
    this.http = http;
    this.credentials = credentials;
    this.tokens = tokens;
  }

  /// As whom a request would go out now; fails as {@link Unsent} where none could.
  Future<Identity> identify(Reach reach) {
    return switch (reach.credential()) {
      case null -> identify(reach, Optional::empty);
      case Credential.Secret it -> identify(reach, () -> Optional.of(shown(it)));
      case Credential.ClientCredentials it ->
          tokens
              .find(it, reach)
              .compose(token -> identify(reach, () -> Optional.of(bearing(token))));
    };
  }

  private Future<Identity> identify(Reach reach, Showing credential) {
    return vertx
        .executeBlocking(() -> identity(http.client(reach), credential.find()), false)
        .map(Objects::requireNonNull);
  }

  private static Identity identity(HttpClient client, Optional<Shown> credential) {
    return new Identity(
        client,
        credential.map(it -> Digest.of(it.value.getBytes(StandardCharsets.US_ASCII))).orElse(null));
  }

  /// Sends what has no effect, with the credential that the connector names.
  Future<Exchanged> exchange(Call call, Reach reach, Duration timeout, AnswerReader reader) {
    return exchange(call, reach, timeout, reader, LastLook.NONE);
  }

  /// Sends it with the credential that the connector names.
  ///
  /// @param look asked when nothing but the bytes is left to be sent
  Future<Exchanged> exchange(
      Call call, Reach reach, Duration timeout, AnswerReader reader, LastLook look) {
    return exchange(call, reach, timeout, reader, look, Guard.NONE);
  }

  /// Sends it with the credential that the connector names, if it may go out with that.
  ///
  /// @param look asked when nothing but the bytes is left to be sent
  Future<Exchanged> exchange(
      Call call, Reach reach, Duration timeout, AnswerReader reader, LastLook look, Guard guard) {
    return switch (reach.credential()) {
      case null -> send(call, Optional::empty, reach, timeout, reader, look, guard);
      case Credential.Secret it ->
          send(call, () -> Optional.of(shown(it)), reach, timeout, reader, look, guard);
      case Credential.ClientCredentials it ->
          tokens
              .find(it, reach)
              .compose(token ->
                  send(call, () -> Optional.of(bearing(token)), reach, timeout, reader, look, guard)
                      .onSuccess(exchanged -> {
                        if (exchanged instanceof Exchanged.Answered answered
                            && answered.code() == 401) {
                          // Taken back before its end: the next action gets another.
                          tokens.drop(it, token);
                        }
                      }))
              .recover(AuthorizedHttp::unsent);
    };
  }

  private Future<Exchanged> send(
      Call call,
      Showing credential,
      Reach reach,
      Duration timeout,
      AnswerReader reader,
      LastLook look,
      Guard guard) {
    // Name service and files may block.
    return vertx
        .executeBlocking(() -> prepare(call, credential, reach, guard), false)
        .compose(prepared -> http.send(Objects.requireNonNull(prepared), timeout, reader, look))
        .recover(AuthorizedHttp::unsent);
  }

  private GuardedHttp.Prepared prepare(Call call, Showing credential, Reach reach, Guard guard)
      throws Unsent {
    HttpCall made;
    try {
      made = call.make();
    } catch (Unfit e) {
      throw new Unsent(Outcome.refused(e.reason()));
    }
    Optional<Shown> shown = credential.find();
    GuardedHttp.Prepared prepared =
        http.prepare(shown.map(it -> made.with(it.name, it.value)).orElse(made), reach);
    guard.pass(identity(prepared.client(), shown));
    return prepared;
  }

  private static Future<Exchanged> unsent(Throwable failure) {
    return failure instanceof Unsent why
        ? Future.succeededFuture(new Exchanged.Not(why.outcome()))
        : Future.failedFuture(failure);
  }

  private Shown shown(Credential.Secret credential) throws Unsent {
    String secret =
        credentials
            .find(credential.source())
            .orElseThrow(() ->
                new Unsent(
                    Outcome.failed(
                        "credential-missing",
                        "The connector's credential is not where connectors.yaml says, or is"
                            + " not fit for a header; nothing was sent. Put it there and"
                            + " propose the action anew.")));
    return switch (credential.presentation()) {
      case Credential.Presentation.Bearer _ -> bearing(secret);
      case Credential.Presentation.Header it -> new Shown(it.name(), secret);
    };
  }

  private static Shown bearing(String token) {
    return new Shown("authorization", "Bearer " + token);
  }
}
