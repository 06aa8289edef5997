package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution.Status;
import dev.countersign.executor.domain.BodyTemplate;
import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.Template;
import dev.countersign.executor.domain.UrlTemplate;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the entry of a tool that is run by an HTTP request.
final class HttpEntry {

  private static final int CONCURRENCY = 32;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);

  private HttpEntry() {}

  static HttpConnector read(Entry entry) {
    Entry at = entry.part("url");
    UrlTemplate url = at.in(() -> UrlTemplate.of(at.expanded()));
    Set<String> hosts = new HashSet<>();
    for (JsonNode host : entry.json().path("hosts")) {
      hosts.add(
          new Entry(host, entry.pointer() + "/hosts", entry.environment())
              .expanded()
              .toLowerCase(Locale.ROOT));
    }
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
            credential(entry.json().path("credential")),
            hosts,
            entry.json().path("allowPrivate").booleanValue(),
            entry.duration("timeout", TIMEOUT, LONGEST_TIMEOUT),
            entry.json().path("idempotent").booleanValue(),
            entry.json().path("concurrency").asInt(CONCURRENCY),
            outcomes,
            entry.requires()));
  }

  private static Map<String, Template> headers(Entry entry) {
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
    return headers;
  }

  private static @Nullable Credential credential(JsonNode json) {
    if (!json.isObject()) {
      return null;
    }
    return new Credential(
        json.has("file")
            ? new Credential.Source.File(json.path("file").textValue())
            : new Credential.Source.Environment(json.path("env").textValue()),
        json.path("as").textValue().equals("header")
            ? new Credential.Presentation.Header(json.path("header").textValue())
            : new Credential.Presentation.Bearer());
  }
}
