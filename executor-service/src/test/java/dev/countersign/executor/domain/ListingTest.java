package dev.countersign.executor.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListingTest {

  @Test
  void aToolWhoseParametersAreNoObjectIsLeftOutWithTheReason() {
    Listing listing =
        Listing.of(
            List.of(
                tool("fit", "{\"type\": \"object\"}"),
                tool("untyped", "{}"),
                tool("list", "{\"type\": \"array\"}"),
                tool("either", "{\"type\": [\"object\", \"null\"]}"),
                tool("none", "true")),
            Instant.EPOCH);

    assertEquals(List.of("fit"), listing.offers().stream().map(Offer::name).toList());
    assertEquals(
        List.of(
            "untyped's inputSchema has not type object",
            "list's inputSchema has not type object",
            "either's inputSchema has not type object",
            "none has no inputSchema"),
        listing.leftOut());
  }

  private static JsonNode tool(String name, String schema) {
    return EventJson.readTree(
        "{\"name\": \"%s\", \"inputSchema\": %s}"
            .formatted(name, schema)
            .getBytes(StandardCharsets.UTF_8));
  }
}
