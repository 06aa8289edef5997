package dev.countersign.executor.outbound;

import dev.countersign.events.Digest;
import dev.countersign.events.Execution.Result;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.HttpCall;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Response;
import dev.countersign.messaging.Trace;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/// Runs a tool by one HTTP request.
@ApplicationScoped
class HttpEffects {

  private static final int PRECONDITION_FAILED = 412;

  private final AuthorizedHttp http;
  private final StillSo stillSo;

  @Inject
  HttpEffects(AuthorizedHttp http, StillSo stillSo) {
    this.http = http;
    this.stillSo = stillSo;
  }

  /// Performs the request. An outcome always comes.
  Uni<Outcome> perform(Begun begun, HttpConnector connector, LastLook look) {
    return stillSo
        .look(begun, connector, look)
        .chain(looked ->
            switch (looked) {
              case StillSo.Looked.No it -> Uni.createFrom().item(it.why());
              case StillSo.Looked.Yes it -> send(begun, connector, it.ifMatch(), it.look());
            });
  }

  private Uni<Outcome> send(
      Begun begun, HttpConnector connector, @Nullable String ifMatch, LastLook look) {
    return Uni.createFrom()
        .completionStage(() -> {
          DigestedBody body = new DigestedBody(connector.keep());
          return http.exchange(
                  () -> {
                    HttpCall call =
                        connector
                            .call(begun.parameters())
                            .with("idempotency-key", begun.actionId().toString())
                            .with("traceparent", Trace.orNew(begun.traceparent()));
                    return ifMatch == null ? call : call.with("if-match", ifMatch);
                  },
                  connector.reach(),
                  connector.timeout(),
                  body,
                  look)
              .map(exchanged ->
                  switch (exchanged) {
                    case Exchanged.Not it -> it.why();
                    case Exchanged.Broken it -> it.why();
                    case Exchanged.Answered it ->
                        ifMatch != null && it.code() == PRECONDITION_FAILED
                            ? changed(it, body).with(response(it, body))
                            : outcome(connector, it, body).with(response(it, body));
                  })
              .toCompletionStage();
        });
  }

  /// The target compared what we had read with what it has (RFC 9110 §13.1.1), and did nothing.
  private static Outcome changed(Exchanged.Answered answered, DigestedBody body) {
    return new Outcome(
        Status.PRECONDITION_FAILED,
        result(answered, body),
        new Reason(
            "precondition-changed",
            "The target says that it has changed since its preconditions were read, and did nothing."
                + " Propose the action anew."));
  }

  /// Only what was read to its end: its digest vouches for it.
  private static @Nullable Response response(Exchanged.Answered answered, DigestedBody body) {
    return answered.whole() ? body.response() : null;
  }

  private static Result result(Exchanged.Answered answered, DigestedBody body) {
    Digest digest = answered.whole() ? body.digest() : null;
    String size =
        digest == null ? "more than 1 MiB, not read to its end" : body.length() + " bytes";
    String kept = body.isTooLarge() ? ", too many to keep for the agent" : "";
    int code = answered.code();
    return new Result(
        Integer.toString(code), digest, "The target answered " + code + ", " + size + kept + ".");
  }

  private static Outcome outcome(
      HttpConnector connector, Exchanged.Answered answered, DigestedBody body) {
    int code = answered.code();
    Status status = connector.status(code);
    return new Outcome(
        status,
        result(answered, body),
        reason(status, code),
        connector.findSaid(code).isPresent() ? Outcome.Word.OPERATORS : Outcome.Word.OURS);
  }

  /// Why an answer with this status code is not a success.
  static @Nullable Reason reason(Status status, int code) {
    return switch (status) {
      case SUCCEEDED -> null;
      case UNKNOWN ->
          isRedirect(code)
              ? new Reason(
                  "redirected",
                  "The target redirects, and redirects are not followed. Look there whether it took"
                      + " effect.")
              : new Reason(
                  "target-unclear",
                  "The target's answer " + code + " leaves open whether it took effect.");
      case FAILED, REFUSED, PRECONDITION_FAILED ->
          isRedirect(code)
              ? new Reason(
                  "redirected",
                  "The target redirects, and redirects are not followed; correct its URL.")
              : new Reason("target-failed", "The target answered " + code + ".");
    };
  }

  private static boolean isRedirect(int code) {
    return code >= 300 && code < 400;
  }
}
