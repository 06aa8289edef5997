package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One HTTP request, ready but for its credential and its address.
public record HttpCall(
    String method,
    boolean tls,
    String host,
    int port,
    String target,
    Map<String, String> headers,
    @Nullable String body) {

  public HttpCall {
    headers = Map.copyOf(headers);
  }

  /// A request to this URL. Its body, where it has one, is JSON unless a header says otherwise.
  static HttpCall of(
      String method,
      UrlTemplate url,
      JsonNode params,
      Map<String, String> headers,
      @Nullable JsonNode body)
      throws Unfit {
    HttpCall call =
        new HttpCall(
            method,
            url.tls(),
            url.host(),
            url.port(),
            url.target(params),
            headers,
            body == null ? null : new String(EventJson.write(body), StandardCharsets.UTF_8));
    boolean untyped = headers.keySet().stream().noneMatch("content-type"::equalsIgnoreCase);
    return body != null && untyped ? call.with("content-type", "application/json") : call;
  }

  /// The same with this header, in place of any of that name.
  public HttpCall with(String name, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.keySet().removeIf(name::equalsIgnoreCase);
    more.put(name, value);
    return new HttpCall(method, tls, host, port, target, more, body);
  }
}
