package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution.Status;
import dev.countersign.executor.domain.BodyTemplate;
import dev.countersign.executor.domain.HeadersTemplate;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.Template;
import dev.countersign.executor.domain.UrlTemplate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Reads the entry of a tool that is run by an HTTP request.
final class HttpEntry {

  static final int CONCURRENCY = 32;
  static final Duration TIMEOUT = Duration.ofSeconds(10);
  static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);

  private HttpEntry() {}

  static HttpConnector read(Entry entry) {
    Entry at = entry.part("url");
    UrlTemplate url = at.in(() -> UrlTemplate.of(at.expanded()));
    Map<Integer, Status> outcomes = new HashMap<>();
    entry
        .json()
        .path("outcomes")
        .properties()
        .forEach(each ->
            outcomes.put(
                Integer.valueOf(each.getKey()),
                EventJson.read(EventJson.write(each.getValue()), Status.class)));
    Entry body = entry.part("body");
    return entry.in(() ->
        new HttpConnector(
            entry.text("method"),
            url,
            headers(entry.part("headers")),
            body.isThere() ? body.in(() -> BodyTemplate.of(body.json())) : null,
            CredentialEntry.reach(entry),
            entry.duration("timeout", TIMEOUT, LONGEST_TIMEOUT),
            entry.json().path("idempotent").booleanValue(),
            entry.json().path("concurrency").asInt(CONCURRENCY),
            ProbeEntry.all(entry),
            entry.keep(),
            outcomes,
            entry.requires()));
  }

  static HeadersTemplate headers(Entry entry) {
    Map<String, Template> headers = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : entry.json().properties()) {
      headers.put(
          each.getKey(),
          entry.in(() -> {
            if (each.getValue().textValue().contains("?}")) {
              throw new IllegalArgumentException(
                  "a header has no optional placeholders; drop the ?");
            }
            return Template.of(each.getValue().textValue());
          }));
    }
    return entry.in(() -> new HeadersTemplate(headers));
  }
}
