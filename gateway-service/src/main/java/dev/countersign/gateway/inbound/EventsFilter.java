package dev.countersign.gateway.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.gateway.application.FollowActions;
import dev.countersign.gateway.domain.Progress;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.NameBinding;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/// Answers before a stream is opened what can no longer be answered after: Quarkus sends status 200
/// and the headers of an event stream as soon as the method is called.
class EventsFilter {

  /// Marks the stream's method.
  @NameBinding
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.METHOD, ElementType.TYPE})
  @interface Stream {}

  private final FollowActions followActions;
  private final RoutingContext routing;

  @Inject
  EventsFilter(FollowActions followActions, RoutingContext routing) {
    this.followActions = followActions;
    this.routing = routing;
  }

  @Stream
  @ServerRequestFilter
  Uni<@Nullable Response> answer(ContainerRequestContext request) {
    ActionId actionId = Paths.actionId(request.getUriInfo().getPathParameters().getFirst("id"));
    int seen = EventsResource.stage(request.getHeaderString("Last-Event-ID"));
    if (followActions.isFull(Callers.of(routing))) {
      return Uni.createFrom().item(Problem.noRoom(actionId).response());
    }
    return followActions
        .await(Callers.of(routing), actionId, Duration.ZERO)
        .map(it -> answer(actionId, seen, it));
  }

  private static @Nullable Response answer(ActionId id, int seen, @Nullable Progress progress) {
    if (progress == null) {
      return Problem.noSuchAction(id).response();
    }
    // WHATWG HTML §9.2.3: 204 tells an EventSource, which reconnects by itself, to stop.
    boolean nothingFollows = progress.status().isFinal() && seen >= progress.status().stage();
    return nothingFollows ? Response.noContent().build() : null;
  }
}
