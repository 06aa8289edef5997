package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Execution.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Runs a tool by one HTTP request.
///
/// @param headers by name as the operator wrote it
/// @param hosts the hosts that this connector may reach, in lower case
/// @param allowPrivate whether those hosts may be inside: loopback, private or link-local
/// @param timeout from the request's first byte to the answer's last
/// @param idempotent whether the target takes the same `Idempotency-Key` twice as once; only then
///   is an execution that was cut off tried again
/// @param concurrency how many of its requests one executor has under way at most
/// @param outcomes what a status code means, where that differs from the usual
public record HttpConnector(
    String method,
    UrlTemplate url,
    Map<String, Template> headers,
    @Nullable BodyTemplate body,
    @Nullable Credential credential,
    Set<String> hosts,
    boolean allowPrivate,
    Duration timeout,
    boolean idempotent,
    int concurrency,
    Map<Integer, Status> outcomes,
    Floor requires)
    implements RunConnector {

  // What we set, and what decides where a message ends (RFC 9112 §6), is not the template's.
  private static final Set<String> OURS =
      Set.of(
          "host",
          "content-length",
          "transfer-encoding",
          "connection",
          "upgrade",
          "te",
          "trailer",
          "expect",
          "idempotency-key",
          "traceparent");

  public HttpConnector {
    headers = Map.copyOf(headers);
    hosts = Set.copyOf(hosts);
    outcomes = Map.copyOf(outcomes);
    hosts.forEach(UrlTemplate::plain);
    if (!hosts.contains(url.host())) {
      throw new IllegalArgumentException(
          "the URL's host " + url.host() + " is not among hosts; add it there if it is meant");
    }
    for (String name : headers.keySet()) {
      if (OURS.contains(name.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException("the header " + name + " is set by Countersign itself");
      }
    }
  }

  /// The request for these parameters, without its credential.
  public HttpCall call(JsonNode params) throws Unfit {
    Map<String, String> rendered = new LinkedHashMap<>();
    for (Map.Entry<String, Template> header : headers.entrySet()) {
      String value = header.getValue().render(params, text -> text);
      if (!isFieldValue(value)) {
        throw new Unfit(
            "parameter-unfit",
            "a parameter in the header "
                + header.getKey()
                + " has characters that can't stand there");
      }
      rendered.put(header.getKey(), value);
    }
    return new HttpCall(
        method,
        url.tls(),
        url.host(),
        url.port(),
        url.target(params),
        rendered,
        body == null ? null : body.fill(params));
  }

  /// Visible ASCII, space and tab (RFC 9110 §5.5): nothing that could end the line.
  public static boolean isFieldValue(String value) {
    return value.chars().allMatch(c -> c == '\t' || (c >= 0x20 && c < 0x7f));
  }

  /// What this status code says about the effect, where the operator has not said it. 408 and a
  /// server's error (RFC 9110 §15.6) leave open how far the target got, and an action reported as
  /// failed is proposed anew. Only 501 and 505 say that it did not begin.
  public Status status(int code) {
    Status said = outcomes.get(code);
    if (said != null) {
      return said;
    }
    if (code >= 200 && code < 300) {
      return Status.SUCCEEDED;
    }
    boolean mayHaveBegun = code == 408 || (code >= 500 && code < 600 && code != 501 && code != 505);
    return mayHaveBegun ? Status.UNKNOWN : Status.FAILED;
  }
}
