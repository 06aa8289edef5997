package dev.countersign.gateway.inbound.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Agent;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.domain.Caller;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/// What a call may say beside its arguments.
@SuppressWarnings("NullAway") // no use case is asked
class MethodsTest {

  private final Methods methods =
      new Methods(new Tools(List.of(new MoreTools()), null), null, "test");

  @Test
  void anIdempotencyKeyThatIsNoStringIsRefusedAndNotForgotten() {
    for (String key : List.of("7", "true", "[\"a\"]", "{}")) {
      Throwable failure = assertThrows(CompletionException.class, () -> call(key)).getCause();
      assertTrue(
          String.valueOf(assertInstanceOf(RpcError.class, failure).getMessage())
              .contains("dev.countersign/idempotency-key in _meta must be a string"),
          key);
    }
    for (String key : List.of("\"a\"", "null")) {
      assertEquals("mcp:tests said {}", call(key).at("/content/0/text").asText());
    }
  }

  private ObjectNode call(String key) {
    JsonNode given = EventJson.readTree(key.getBytes(StandardCharsets.UTF_8));
    ObjectNode params = Door.params("echo", Door.object());
    params.putObject("_meta").set("dev.countersign/idempotency-key", given);
    McpCaller caller =
        new McpCaller(
            new Caller.Anonymous("127.0.0.1"),
            new Agent("mcp:tests", null, null, null),
            Revision.JULY_2026,
            false);
    return methods
        .answer(new McpRequest(IntNode.valueOf(1), "tools/call", params, caller, null))
        .await()
        .indefinitely();
  }
}
