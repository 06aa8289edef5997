package dev.countersign.gateway.inbound;

import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.ProposeActions;
import dev.countersign.gateway.domain.Progress;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/// What the door answers about an action.
final class Answers {

  private Answers() {}

  static Response proposed(ProposeActions.Outcome outcome) {
    return switch (outcome) {
      case ProposeActions.Outcome.Taken it -> {
        boolean settled = it.progress().status().isFinal();
        yield state(settled ? Response.ok() : Response.accepted(), it.progress());
      }
      case ProposeActions.Outcome.Conflict it -> conflict(it.progress()).response();
    };
  }

  static Problem conflict(Progress progress) {
    return Problem.of(
            409,
            "conflict",
            "Another action has this id",
            "This actionId stands for another action, which stays as it is; propose this one under"
                + " an id of its own.")
        .about(progress.actionId());
  }

  static Response tooLate(Progress progress) {
    return Problem.of(
            409,
            "already-answered",
            "Already answered",
            "There is an answer already, and answers never change; `action` holds it.")
        .with(ActionState.of(progress))
        .response();
  }

  static Response state(Response.ResponseBuilder response, Progress progress) {
    return state(response, ActionState.of(progress));
  }

  static Response state(Response.ResponseBuilder response, ActionState state) {
    // As text: JAX-RS would make an address out of it that holds whatever Host the client sent.
    response.header("Location", state.links().self());
    if (state.retryAfter() != null) {
      response.header("Retry-After", state.retryAfter());
    }
    return response
        .type(MediaType.APPLICATION_JSON)
        .header("Cache-Control", "no-store")
        .entity(EventJson.write(state))
        .build();
  }

  static Problem invalid(Bounds.OutOfBounds why) {
    return why.code().equals("too-large")
        ? Problem.tooLarge("A proposal", Bounds.MAX_BYTES)
        : Problem.of(400, why.code(), "Not a proposal", why.sentence());
  }
}
