package dev.countersign.executor.outbound;

import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.HttpCall;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Reach;
import dev.countersign.executor.domain.Unfit;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Objects;

/// Where the credential meets the call.
@ApplicationScoped
class AuthorizedHttp {

  /// Makes the request, without its credential.
  @FunctionalInterface
  interface Call {
    HttpCall make() throws Unfit;
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

  /// Sends what has no effect, with the credential that the connector names.
  Future<Exchanged> exchange(Call call, Reach reach, Duration timeout, AnswerReader reader) {
    return exchange(call, reach, timeout, reader, LastLook.NONE);
  }

  /// Sends it with the credential that the connector names.
  ///
  /// @param look asked when nothing but the bytes is left to be sent
  Future<Exchanged> exchange(
      Call call, Reach reach, Duration timeout, AnswerReader reader, LastLook look) {
    return switch (reach.credential()) {
      case null -> send(call::make, reach, timeout, reader, look);
      case Credential.Secret it -> send(() -> with(call.make(), it), reach, timeout, reader, look);
      case Credential.ClientCredentials it ->
          tokens
              .find(it, reach)
              .compose(token ->
                  send(() -> bearing(call.make(), token), reach, timeout, reader, look)
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

  /// Makes the request, with its credential.
  @FunctionalInterface
  private interface Authorized {
    HttpCall make() throws Unfit, Unsent;
  }

  private Future<Exchanged> send(
      Authorized call, Reach reach, Duration timeout, AnswerReader reader, LastLook look) {
    // Name service and files may block.
    return vertx
        .executeBlocking(
            () -> {
              try {
                return http.prepare(call.make(), reach);
              } catch (Unfit e) {
                throw new Unsent(Outcome.refused(e.reason()));
              }
            },
            false)
        .compose(prepared -> http.send(Objects.requireNonNull(prepared), timeout, reader, look))
        .recover(AuthorizedHttp::unsent);
  }

  private static Future<Exchanged> unsent(Throwable failure) {
    return failure instanceof Unsent why
        ? Future.succeededFuture(new Exchanged.Not(why.outcome()))
        : Future.failedFuture(failure);
  }

  private HttpCall with(HttpCall call, Credential.Secret credential) throws Unsent {
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
      case Credential.Presentation.Bearer _ -> bearing(call, secret);
      case Credential.Presentation.Header it -> call.with(it.name(), secret);
    };
  }

  private static HttpCall bearing(HttpCall call, String token) {
    return call.with("authorization", "Bearer " + token);
  }
}
