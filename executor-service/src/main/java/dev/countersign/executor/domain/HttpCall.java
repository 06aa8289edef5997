package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
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
    @Nullable JsonNode body) {

  public HttpCall {
    headers = Map.copyOf(headers);
  }
}
