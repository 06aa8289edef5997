package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.executor.application.ReadPreconditions;
import dev.countersign.executor.application.ReadPreconditions.Asked;
import dev.countersign.executor.domain.Reading;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Where whoever makes prompts learns how the targets stand.
@Path("/v1/preconditions")
@Tag(name = "preconditions", description = "What actions rest on, for whoever makes prompts.")
class PreconditionResource {

  private static final int MOST = 500;
  private static final int MOST_BYTES = 1024 * 1024;
  // Of four of the largest actions that can be; policy asks for half of both at a time.
  private static final int MOST_TOKENS = 4 * Bounds.MAX_BYTES;
  static final EventJson.Bounded BODY = new EventJson.Bounded(MOST_BYTES, MOST_TOKENS);

  private final ReadPreconditions read;

  @Inject
  PreconditionResource(ReadPreconditions read) {
    this.read = read;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces({MediaType.APPLICATION_JSON, Problems.MEDIA_TYPE})
  @Operation(
      operationId = "readPreconditions",
      summary = "Read what these actions rest on, now",
      description =
          """
          Reads of the targets, with the connectors' own credentials, what the entries in \
          `connectors.yaml` name under `preconditions`. Nothing changes there. The executor reads \
          the same again right before the effect.\
          """)
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(type = SchemaType.OBJECT),
              example =
                  "{\"readings\": [{\"tool\": {\"toolset\": \"database\", \"name\": \"drop_database\"},"
                      + " \"parameters\": {\"database\": \"wiki\"}}]}"))
  @APIResponse(
      responseCode = "200",
      description =
          "`readings`, one for each asked for and in their order: `preconditions` (`label`, `value`,"
              + " `fingerprint`; none where the tool's entry names none), or a `reason` (`code`,"
              + " `text`) why they can't be had.")
  @APIResponse(responseCode = "400", description = "Not 1 to 500 readings in the body.")
  @APIResponse(
      responseCode = "413",
      description =
          "More than 1 MiB, or more than 262,144 values, names and brackets; ask in parts.")
  public Uni<Response> read(
      byte @Nullable [] body, @HeaderParam("traceparent") @Nullable String traceparent) {
    List<Asked> asked;
    try {
      asked = asked(BODY.readTree(body == null ? new byte[0] : body));
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom().item(Problems.tooLarge(e));
    } catch (IllegalArgumentException e) {
      return Uni.createFrom()
          .item(
              Problems.of(
                  400,
                  "unreadable",
                  "No readings",
                  "Send {\"readings\": [{\"tool\": {\"toolset\": \"…\", \"name\": \"…\"},"
                      + " \"parameters\": {…}}, …]}, 1 to "
                      + MOST
                      + " of them."));
    }
    return read.read(asked, traceparent)
        .map(found -> Response.ok(shown(found), MediaType.APPLICATION_JSON).build());
  }

  private static List<Asked> asked(JsonNode body) {
    JsonNode readings = body.path("readings");
    if (!readings.isArray() || readings.isEmpty() || readings.size() > MOST) {
      throw new IllegalArgumentException("readings");
    }
    List<Asked> asked = new ArrayList<>(readings.size());
    for (JsonNode each : readings) {
      JsonNode toolset = each.path("tool").path("toolset");
      JsonNode name = each.path("tool").path("name");
      if (!toolset.isTextual() || !name.isTextual() || !each.path("parameters").isObject()) {
        throw new IllegalArgumentException("tool and parameters");
      }
      asked.add(
          new Asked(new Tool(toolset.textValue(), name.textValue()), each.path("parameters")));
    }
    return asked;
  }

  private static ObjectNode shown(List<Reading> readings) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    ArrayNode all = shown.putArray("readings");
    for (Reading each : readings) {
      ObjectNode one = all.addObject();
      switch (each) {
        case Reading.Read it -> one.set("preconditions", EventJson.tree(it.preconditions()));
        case Reading.Unread it -> one.set("reason", EventJson.tree(it.reason()));
      }
    }
    return shown;
  }
}
