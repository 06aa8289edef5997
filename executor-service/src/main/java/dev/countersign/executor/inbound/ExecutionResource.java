package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.Bounds;
import dev.countersign.executor.application.RedeemGrants;
import dev.countersign.executor.application.ShowExecution;
import dev.countersign.messaging.Failures;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/// How executions ended, for those who know the action's id.
@Path("/v1/executions")
class ExecutionResource {

  private final ShowExecution show;
  private final RedeemGrants redeem;

  @Inject
  ExecutionResource(ShowExecution show, RedeemGrants redeem) {
    this.show = show;
    this.redeem = redeem;
  }

  @GET
  @Path("/{actionId}")
  @Produces({MediaType.APPLICATION_JSON, Problems.MEDIA_TYPE})
  @Operation(operationId = "execution", summary = "How far an execution has come, or how it ended")
  @APIResponse(
      responseCode = "200",
      description =
          "`state` (`suspect`, `ready`, `started`, `done`) and, as far as they are known, the members"
              + " of its `execution`; no parameters.")
  @APIResponse(responseCode = "400", description = "That is no action id.")
  @APIResponse(
      responseCode = "404",
      description = "No approved decision for this action has come here (yet).")
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
                  "An action id is a UUID of 36 characters; ask for the one in the proposal."));
    }
    return show.find(actionId)
        .map(found ->
            found == null
                ? Problems.of(
                    404,
                    "unknown-execution",
                    "No execution of that action",
                    "No approved decision for this action has come here (yet). Ask the gateway"
                        + " what it waits for.")
                : Response.ok(found, MediaType.APPLICATION_JSON).build())
        .onFailure(Failures::isAway)
        .recoverWithItem(Problems::away);
  }

  @POST
  @Path("/{actionId}/outcome")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces({MediaType.APPLICATION_JSON, Problems.MEDIA_TYPE})
  @Operation(
      operationId = "report",
      summary = "Say how a redeemed action ended",
      description =
          "For whoever redeemed its grant. Saying the same again changes nothing; what was answered"
              + " already stays as it is.")
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(type = SchemaType.OBJECT),
              example =
                  "{\"receipt\": \"…\", \"status\": \"succeeded\", \"code\": \"deployed\", \"summary\":"
                      + " \"checkout 4.2 is live\"}"))
  @APIResponse(responseCode = "200", description = "It stands; the execution.")
  @APIResponse(responseCode = "400", description = "No receipt and status in the body.")
  @APIResponse(responseCode = "404", description = "Nothing was redeemed with this receipt.")
  @APIResponse(responseCode = "409", description = "Another answer stands already.")
  @APIResponse(
      responseCode = "413",
      description = "More than 16 KiB, or more than 1,024 values, names and brackets.")
  @APIResponse(
      responseCode = "503",
      description = "The database is away; say it again after `Retry-After`.")
  public Uni<Response> report(@PathParam("actionId") String text, byte @Nullable [] body) {
    ActionId actionId;
    ReportBody report;
    try {
      actionId = ActionId.of(text);
      report = ReportBody.read(body);
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom().item(Problems.tooLarge(e));
    } catch (IllegalArgumentException e) {
      return Uni.createFrom()
          .item(
              Problems.of(
                  400,
                  "unreadable",
                  "No report",
                  "Send {\"receipt\": \"…\", \"status\": \"succeeded\" | \"failed\" | \"unknown\","
                      + " \"code\": \"…\", \"summary\": \"…\"} for an action's id: code of at most "
                      + ToldOutcome.LONGEST_CODE
                      + " characters, summary of at most "
                      + ToldOutcome.LONGEST_SUMMARY
                      + ", nothing sensitive in them."));
    }
    return redeem
        .report(actionId, report.receipt(), report.outcome())
        .map(taken ->
            switch (taken) {
              case RedeemGrants.Report.Taken it ->
                  Response.ok(it.execution(), MediaType.APPLICATION_JSON).build();
              case RedeemGrants.Report.TooLate it ->
                  Problems.of(
                      409,
                      "answered",
                      "Another answer stands",
                      "How this action ended was answered already, and stays so. Tell the people"
                          + " who look into it.",
                      JsonNodeFactory.instance.objectNode().set("execution", it.execution()));
              case RedeemGrants.Report.Unknown _ ->
                  Problems.of(
                      404,
                      "unknown-receipt",
                      "Nothing was redeemed with this receipt",
                      "The receipt is in the answer to POST /v1/grants/redeem.");
            })
        .onFailure(Failures::isAway)
        .recoverWithItem(Problems::away);
  }
}
