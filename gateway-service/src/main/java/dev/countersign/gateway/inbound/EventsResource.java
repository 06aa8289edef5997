package dev.countersign.gateway.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.FollowActions;
import dev.countersign.gateway.application.ReadResponse;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.Status;
import dev.countersign.gateway.domain.TargetResponse;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// An action's changes as they come.
@Path("/v1/actions/{id}/events")
@Tag(name = "actions")
class EventsResource {

  // What a stream ends with: see Streams.
  private static final List<Optional<OutboundSseEvent>> END = List.of(Optional.empty());

  private final FollowActions followActions;
  private final ReadResponse readResponse;
  private final RoutingContext routing;

  @Inject
  EventsResource(FollowActions followActions, ReadResponse readResponse, RoutingContext routing) {
    this.followActions = followActions;
    this.readResponse = readResponse;
    this.routing = routing;
  }

  @GET
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @EventsFilter.Stream
  @Operation(
      operationId = "events",
      summary = "Each change of an action's state, as server-sent events",
      description =
          """
          One event `status` per stage, from `received` on, its `id` the stage's number from 1 to \
          5; `data` is the action's state as GET tells it, for stages already past only `actionId` \
          and `status`. The stream ends after the final event; where that one has `retryAfter`, GET \
          says later what a person found. `Last-Event-ID` leaves out what has been seen. Comments \
          keep the connection alive. A key that is revoked and a token that is over end it.\
          """)
  @APIResponse(responseCode = "200", description = "The stream.")
  @APIResponse(
      responseCode = "204",
      description = "The final event has been seen: nothing follows.")
  @APIResponse(
      responseCode = "400",
      description = "Not an actionId.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "404",
      description = "Nothing is known of this action.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "503",
      description = "As many wait as may (`no-room`).",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public Multi<OutboundSseEvent> events(
      @PathParam("id") String id,
      @Parameter(description = "The id of the last event seen.") @HeaderParam("Last-Event-ID")
          @Nullable String lastEventId,
      @Context Sse sse) {
    ActionId actionId = Paths.actionId(id);
    AtomicInteger told = new AtomicInteger(stage(lastEventId));
    Supplier<Uni<Boolean>> stillGood = Callers.stillGood(routing);
    Multi<Optional<OutboundSseEvent>> changes =
        followActions
            .follow(Callers.of(routing), actionId)
            .onItem()
            .transformToUniAndConcatenate(it ->
                // Where it can't be told whose ears these are, they hear nothing; they may come
                // back.
                stillGood
                    .get()
                    .onFailure(Unavailable.class)
                    .recoverWithItem(false)
                    .chain(good ->
                        good
                            ? readResponse.of(it).map(response -> news(it, response, told, sse))
                            : Uni.createFrom().item(END)))
            .onItem()
            .disjoint();
    return Streams.of(changes, sse, stillGood);
  }

  private static List<Optional<OutboundSseEvent>> news(
      Progress progress, Optional<TargetResponse> response, AtomicInteger told, Sse sse) {
    List<Optional<OutboundSseEvent>> news = new ArrayList<>();
    Status now = progress.status();
    for (Status each : progress.history()) {
      if (each.stage() > told.get()) {
        told.set(each.stage());
        Object data =
            each == now ? ActionState.of(progress, response) : new Past(progress.actionId(), each);
        news.add(
            Optional.of(
                sse.newEventBuilder()
                    .id(Integer.toString(each.stage()))
                    .name("status")
                    .data(text(data))
                    .build()));
      }
    }
    if (now.isFinal()) {
      news.add(Optional.empty());
    }
    return news;
  }

  /// A stage that was passed before the client looked.
  private record Past(ActionId actionId, Status status) {}

  // An id that we never gave is as good as none: the client is told everything.
  static int stage(@Nullable String lastEventId) {
    return lastEventId != null && lastEventId.matches("[1-5]") ? Integer.parseInt(lastEventId) : 0;
  }

  private static String text(Object data) {
    return new String(EventJson.write(data), StandardCharsets.UTF_8);
  }
}
