package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Execution.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs a tool by one HTTP request.
///
/// @param timeout from the request's first byte to the answer's last
/// @param idempotent whether the target takes the same `Idempotency-Key` twice as once; only then
///   is an execution that was cut off tried again
/// @param concurrency how many of its requests one executor has under way at most
/// @param preconditions what must still be as people were shown it, right before the request
/// @param keep how long what the target answers is kept for the agent; null where it is not
/// @param outcomes what a status code means, where that differs from the usual
public record HttpConnector(
    String method,
    UrlTemplate url,
    HeadersTemplate headers,
    @Nullable BodyTemplate body,
    Reach reach,
    Duration timeout,
    boolean idempotent,
    int concurrency,
    List<Probe> preconditions,
    @Nullable Duration keep,
    Map<Integer, Status> outcomes,
    Floor requires)
    implements RunConnector {

  public HttpConnector {
    outcomes = Map.copyOf(outcomes);
    reach.mustHold(url);
    preconditions = Probe.together(preconditions, reach);
  }

  /// The request for these parameters, without its credential.
  public HttpCall call(JsonNode params) throws Unfit {
    return HttpCall.of(
        method, url, params, headers.fill(params), body == null ? null : body.fill(params));
  }

  /// What this status code says about the effect by the operator's word.
  public Optional<Status> findSaid(int code) {
    return Optional.ofNullable(outcomes.get(code));
  }

  /// What this status code says about the effect.
  public Status status(int code) {
    return findSaid(code).orElseGet(() -> usual(code));
  }

  /// What a status code says about the effect where the operator has not said it. 408 and a
  /// server's error (RFC 9110 §15.6) leave open how far the target got, and an action reported as
  /// failed is proposed anew. Only 501 and 505 say that it did not begin. 303 is what a target
  /// answers that has done what it was asked (§15.4.4), and many answer 302 for it; 307 and 308 ask
  /// for the same request elsewhere. What HTTP does not know leaves all open.
  public static Status usual(int code) {
    if (code >= 200 && code < 300) {
      return Status.SUCCEEDED;
    }
    boolean mayHaveBegun = code < 304 || code == 408 || (code >= 500 && code != 501 && code != 505);
    return mayHaveBegun ? Status.UNKNOWN : Status.FAILED;
  }
}
