package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.executor.application.RedeemGrants;
import dev.countersign.executor.application.RedeemGrants.Redemption;
import dev.countersign.messaging.Failures;
import dev.countersign.messaging.Unavailable;
import dev.countersign.verifier.GrantReader;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Where a grant is used up by a system that runs the approved call itself.
@Path("/v1/grants")
@Tag(name = "grants", description = "For tools that run elsewhere.")
class GrantResource {

  // The longest grant, and the parameters of the largest action however they are escaped.
  private static final int MOST_BYTES = 2 * GrantReader.LONGEST;
  // Each takes a byte at least, so no action has more.
  private static final int MOST_TOKENS = Bounds.MAX_BYTES;
  static final EventJson.Bounded BODY = new EventJson.Bounded(MOST_BYTES, MOST_TOKENS);

  private final RedeemGrants redeem;

  @Inject
  GrantResource(RedeemGrants redeem) {
    this.redeem = redeem;
  }

  @POST
  @Path("/redeem")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces({MediaType.APPLICATION_JSON, Problems.MEDIA_TYPE})
  @Operation(
      operationId = "redeem",
      summary = "Redeem a grant, once",
      description =
          """
          Of all who ask with a grant, one gets 200, and may run the call with exactly these \
          parameters, once. Whoever does not hear the answer must not run it. Afterwards POST how \
          it ended to `/v1/executions/{actionId}/outcome` with the receipt; what nobody tells of \
          by `reportBy` is `unknown`.\
          """)
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(type = SchemaType.OBJECT),
              example = "{\"grant\": \"eyJ…\", \"parameters\": {\"service\": \"checkout\"}}"))
  @APIResponse(
      responseCode = "200",
      description = "Run it: `actionId`, `receipt`, `reportBy`. Nobody else is told so.")
  @APIResponse(responseCode = "400", description = "No grant and parameters in the body.")
  @APIResponse(
      responseCode = "403",
      description = "No grant of the ticket service's (`grant-…`), or the executor runs the tool.")
  @APIResponse(
      responseCode = "409",
      description = "Redeemed before, its time is over, or a backup was put back since.")
  @APIResponse(
      responseCode = "413",
      description = "More than 1 MiB, or more than 65,536 values, names and brackets.")
  @APIResponse(responseCode = "422", description = "It was given for other parameters.")
  @APIResponse(
      responseCode = "503",
      description =
          "Database or keys are away, the decision is on its way, or it is frozen; ask again.")
  public Uni<Response> redeem(
      byte @Nullable [] body, @HeaderParam("traceparent") @Nullable String traceparent) {
    JsonNode asked;
    try {
      asked = BODY.readTree(body == null ? new byte[0] : body);
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom().item(Problems.tooLarge(e));
    } catch (IllegalArgumentException e) {
      return unreadable();
    }
    JsonNode grant = asked.path("grant");
    JsonNode parameters = asked.path("parameters");
    if (!grant.isTextual()
        || grant.textValue().length() > GrantReader.LONGEST
        || !parameters.isObject()) {
      return unreadable();
    }
    return redeem
        .redeem(grant.textValue(), parameters, traceparent)
        .map(GrantResource::answer)
        .onFailure(failure -> failure instanceof Unavailable || Failures.isAway(failure))
        .recoverWithItem(Problems::away);
  }

  private static Uni<Response> unreadable() {
    return Uni.createFrom()
        .item(
            Problems.of(
                400,
                "unreadable",
                "No grant and parameters",
                "Send {\"grant\": \"…\", \"parameters\": {…}}: the grant of the decision and every"
                    + " parameter as it is about to be used."));
  }

  private static Response answer(Redemption redemption) {
    return switch (redemption) {
      case Redemption.Redeemed it ->
          Response.ok(
                  JsonNodeFactory.instance
                      .objectNode()
                      .put("actionId", it.actionId().toString())
                      .put("receipt", it.receipt().value())
                      .put("reportBy", it.reportBy().toString()),
                  MediaType.APPLICATION_JSON)
              .header("Cache-Control", "no-store")
              .build();
      case Redemption.UsedUp _ ->
          Problems.of(
              409,
              "used-up",
              "The grant is used up",
              "It was redeemed before, or its time is over. Do not run the call; if it was not"
                  + " run, propose it anew.");
      case Redemption.NotYet _ ->
          Problems.of(
              503,
              "decision-pending",
              "Not yet",
              "The decision that proves this has not come here yet, or the grant's time has not"
                  + " begun. Ask again in a moment; nothing is used up.");
      case Redemption.Frozen _ ->
          Problems.of(
              503,
              "frozen",
              "Frozen",
              "Nothing of this is executed until a freeze is lifted. Do not run the call. Nothing is"
                  + " used up: ask again within the grant's time, or propose it anew later.");
      case Redemption.Unvouched _ ->
          Problems.of(
              503,
              "catalogue-unknown",
              "Nobody vouches for the tool",
              "The policy service could not be asked whether the tool is still what it was when the"
                  + " action was judged. Do not run the call. Nothing is used up: ask again within"
                  + " the grant's time.");
      case Redemption.Restored _ ->
          Problems.of(
              409,
              "restored",
              "Given before a restore",
              "The executor was put back from a backup after this grant was given, and cannot tell"
                  + " whether it was redeemed. Do not run the call; if it was not run, propose it"
                  + " anew, under a new id.");
      case Redemption.OtherParameters _ ->
          Problems.of(
              422,
              "other-parameters",
              "Not what was approved",
              "The grant was given for other parameters. Run what was approved, or propose these"
                  + " anew. The grant is not used up.");
      case Redemption.NotDelegated _ ->
          Problems.of(
              403,
              "not-delegated",
              "Not yours to run",
              "connectors.yaml does not leave this tool to others: no grant for it is redeemed.");
      case Redemption.Invalid it ->
          Problems.of(403, it.reason(), "No grant that holds", it.detail());
    };
  }
}
