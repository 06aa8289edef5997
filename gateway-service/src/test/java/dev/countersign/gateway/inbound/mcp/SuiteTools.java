package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;

/// Tools that the conformance suite wants a server to have for its sake: what comes of a source is
/// listed and handed on as it is, whatever kind of content it has.
@NullMarked
@ApplicationScoped
class SuiteTools implements McpTools {

  private static final String TEXT = "{\"type\": \"text\", \"text\": \"Said for the suite.\"}";
  private static final String IMAGE =
      "{\"type\": \"image\", \"data\": \"iVBORw0KGgo=\", \"mimeType\": \"image/png\"}";
  private static final String AUDIO =
      "{\"type\": \"audio\", \"data\": \"UklGRg==\", \"mimeType\": \"audio/wav\"}";
  private static final String RESOURCE =
      "{\"type\": \"resource\", \"resource\": {\"uri\": \"test://embedded-resource\","
          + " \"mimeType\": \"text/plain\", \"text\": \"Embedded.\"}}";

  /// The names are the suite's.
  private static final Map<String, String> RESULTS =
      Map.of(
          "test_simple_text", content(TEXT),
          "test_image_content", content(IMAGE),
          "test_audio_content", content(AUDIO),
          "test_embedded_resource", content(RESOURCE),
          "test_multiple_content_types", content(TEXT + "," + IMAGE + "," + RESOURCE),
          "test_error_handling", content(TEXT).replace("]}", "], \"isError\": true}"),
          "test_logging_tool", content(TEXT),
          "test_streaming_elicitation", content(TEXT),
          "test_trigger_tool_change", content(TEXT));

  private final Event<ToolListChanged> toolListChanged;

  @Inject
  SuiteTools(Event<ToolListChanged> toolListChanged) {
    this.toolListChanged = toolListChanged;
  }

  private static String content(String items) {
    return "{\"content\": [" + items + "]}";
  }

  @Override
  public int order() {
    return 200;
  }

  @Override
  public Uni<List<McpTool>> list(McpCaller caller) {
    return Uni.createFrom()
        .item(RESULTS.keySet().stream().sorted().<McpTool>map(SuiteTool::new).toList());
  }

  private final class SuiteTool implements McpTool {
    private final String name;

    private SuiteTool(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public ObjectNode descriptor() {
      ObjectNode descriptor =
          JsonNodeFactory.instance
              .objectNode()
              .put("name", name)
              .put("description", "The suite's.");
      descriptor.putObject("inputSchema").put("type", "object");
      return descriptor;
    }

    @Override
    public Uni<McpAnswer> call(McpCall call) {
      if (name.equals("test_trigger_tool_change")) {
        toolListChanged.fire(new ToolListChanged());
      }
      byte[] result = RESULTS.getOrDefault(name, "{}").getBytes(StandardCharsets.UTF_8);
      return Uni.createFrom().item(new McpAnswer.Complete((ObjectNode) EventJson.readTree(result)));
    }
  }
}
