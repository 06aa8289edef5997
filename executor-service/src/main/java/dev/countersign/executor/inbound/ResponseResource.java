package dev.countersign.executor.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.executor.application.Responses;
import dev.countersign.messaging.Failures;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.Base64;
import java.util.HexFormat;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/// Hands out what a target answered, where its connector lets the agent have it. The gateway asks.
@Path("/v1/executions/{actionId}/response")
public class ResponseResource {

  private final Responses responses;

  @Inject
  ResponseResource(Responses responses) {
    this.responses = responses;
  }

  @GET
  @Operation(
      operationId = "response",
      summary = "What the target answered",
      description =
          "To the byte, where connectors.yaml says response: agent, for as long as it says.")
  @APIResponse(
      responseCode = "200",
      description = "The body; Repr-Digest (RFC 9530) is its digest.")
  @APIResponse(responseCode = "400", description = "That is no action id.")
  @APIResponse(responseCode = "404", description = "None was kept.")
  @APIResponse(responseCode = "410", description = "Its time is over (gone), or it was too-large.")
  @APIResponse(
      responseCode = "503",
      description = "The database is away; ask again after `Retry-After`.")
  public Uni<Response> get(@PathParam("actionId") String text) {
    ActionId actionId;
    try {
      actionId = ActionId.of(text);
    } catch (IllegalArgumentException e) {
      return Uni.createFrom()
          .item(
              Problems.of(
                  400,
                  "action-id",
                  "That is no action id",
                  "An action id is a UUID of 36 characters."));
    }
    return responses
        .find(actionId)
        .map(ResponseResource::response)
        .onFailure(Failures::isAway)
        .recoverWithItem(Problems::away);
  }

  private static Response response(Responses.Kept kept) {
    return switch (kept) {
      case Responses.Kept.Body it ->
          // A target's words: no browser is to make a page of them.
          Response.ok(it.body(), it.contentType())
              .header("Repr-Digest", "sha-256=:" + digest(it.body()) + ":")
              .header("Cache-Control", "no-store")
              .header("X-Content-Type-Options", "nosniff")
              .header("Content-Security-Policy", "default-src 'none'; sandbox")
              .build();
      case Responses.Kept.TooLarge _ ->
          Problems.of(
              410,
              "too-large",
              "Too large to keep",
              "The target answered with more than 64 KiB; the execution has its digest alone.");
      case Responses.Kept.Gone _ ->
          Problems.of(
              410,
              "gone",
              "No longer kept",
              "It was kept as long as its connector says; the execution has its digest.");
      case Responses.Kept.Nothing _ ->
          Problems.of(
              404,
              "no-response",
              "No response is kept",
              "Its connector keeps none, or the action has not ended.");
    };
  }

  private static String digest(byte[] body) {
    return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(Digest.of(body).hex()));
  }
}
