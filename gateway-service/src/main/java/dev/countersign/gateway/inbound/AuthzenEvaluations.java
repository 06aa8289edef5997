package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import dev.countersign.gateway.application.Policies;
import dev.countersign.gateway.domain.Caller;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Several evaluations in one request (AuthZEN 1.0, §7), each with its defaults: asked about a few
/// at a time, and all of them within one time.
record AuthzenEvaluations(List<ObjectNode> asked, Semantic semantic) {

  private static final int MOST = 100;
  private static final int AT_ONCE = 4;

  /// When the rest of a list need not be asked about (AuthZEN 1.0, §7.1.2).
  enum Semantic {
    EXECUTE_ALL,
    DENY_ON_FIRST_DENY,
    PERMIT_ON_FIRST_PERMIT;

    static Semantic of(JsonNode text) throws Bounds.OutOfBounds {
      return switch (text.asText("execute_all")) {
        case "execute_all" -> EXECUTE_ALL;
        case "deny_on_first_deny" -> DENY_ON_FIRST_DENY;
        case "permit_on_first_permit" -> PERMIT_ON_FIRST_PERMIT;
        default ->
            throw new Bounds.OutOfBounds(
                "shape",
                "options.evaluations_semantic must be execute_all, deny_on_first_deny or"
                    + " permit_on_first_permit");
      };
    }

    boolean endsAt(boolean decision) {
      return switch (this) {
        case EXECUTE_ALL -> false;
        case DENY_ON_FIRST_DENY -> !decision;
        case PERMIT_ON_FIRST_PERMIT -> decision;
      };
    }
  }

  /// Throws `OutOfBounds` where it is no list of evaluations, and a problem where it is one of more
  /// than a batch may have, once each has its defaults: a small body can stand for much.
  static AuthzenEvaluations read(ObjectNode request) throws Bounds.OutOfBounds {
    JsonNode evaluations = request.path("evaluations");
    if (!evaluations.isArray() || evaluations.size() > MOST) {
      throw new Bounds.OutOfBounds(
          "shape", "evaluations must be an array of at most " + MOST + "; send the rest apart");
    }
    Semantic semantic = Semantic.of(request.path("options").path("evaluations_semantic"));
    long bytes = 0;
    for (String each : AuthzenRequest.MEMBERS) {
      int byDefault = size(request, each);
      for (JsonNode evaluation : evaluations) {
        bytes += evaluation.has(each) ? size(evaluation, each) : byDefault;
      }
    }
    if (bytes > BatchBody.MAX_BYTES) {
      throw new Problem.Thrown(
          Problem.of(
              413,
              "too-large",
              "Too large",
              "With their defaults the evaluations have "
                  + bytes
                  + " bytes together, and may have "
                  + BatchBody.MAX_BYTES
                  + "; send fewer of them, or take what is large out of the defaults."));
    }
    List<ObjectNode> asked = new ArrayList<>();
    evaluations.forEach(it -> asked.add(withDefaults(it, request)));
    return new AuthzenEvaluations(asked, semantic);
  }

  private static int size(JsonNode of, String member) {
    return of.has(member) ? EventJson.write(of.get(member)).length : 0;
  }

  private static ObjectNode withDefaults(JsonNode evaluation, ObjectNode defaults) {
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    for (String each : AuthzenRequest.MEMBERS) {
      JsonNode member = evaluation.has(each) ? evaluation.get(each) : defaults.get(each);
      if (member != null) {
        whole.set(each, member);
      }
    }
    return whole;
  }

  /// In their order. Those that are not answered within this time are a no that says so.
  Uni<List<ObjectNode>> decisions(Policies policies, Caller caller, Duration within) {
    long end = System.nanoTime() + within.toNanos();
    // Read when its turn comes: no more than a few are held at a time.
    Function<ObjectNode, Uni<ObjectNode>> decide =
        it -> Uni.createFrom().deferred(() -> decision(policies, caller, it, end));
    if (semantic != Semantic.EXECUTE_ALL) {
      return oneByOne(decide, new ArrayList<>());
    }
    return Uni.join()
        .all(asked.stream().map(decide).toList())
        .usingConcurrencyOf(AT_ONCE)
        .andFailFast();
  }

  /// Up to the one that settles it.
  private Uni<List<ObjectNode>> oneByOne(
      Function<ObjectNode, Uni<ObjectNode>> decide, List<ObjectNode> answered) {
    boolean settled =
        !answered.isEmpty() && semantic.endsAt(answered.getLast().path("decision").booleanValue());
    return settled || answered.size() == asked.size()
        ? Uni.createFrom().item(answered)
        : decide
            .apply(asked.get(answered.size()))
            .chain(it -> {
              answered.add(it);
              return oneByOne(decide, answered);
            });
  }

  // One that can't be evaluated is a no among the others, and not the end of them.
  private static Uni<ObjectNode> decision(
      Policies policies, Caller caller, ObjectNode asked, long end) {
    long left = end - System.nanoTime();
    if (left <= 0) {
      return Uni.createFrom().item(away());
    }
    try {
      ActionProposed proposal = AuthzenRequest.read(caller, asked);
      Optional<Caller.Objection> objection = caller.objection(proposal.agent(), proposal.tool());
      if (objection.isPresent()) {
        return Uni.createFrom()
            .item(
                AuthzenDecision.no(
                    "refused", new Reason(objection.get().code(), objection.get().sentence())));
      }
      return policies
          .evaluate(proposal)
          .ifNoItem()
          // It waits whole milliseconds, and is not to end before the time does.
          .after(Duration.ofNanos(left).plusMillis(1))
          .recoverWithItem(Policies.Evaluated.Away::new)
          .map(evaluated ->
              switch (evaluated) {
                case Policies.Evaluated.Judged it -> AuthzenDecision.of(proposal, it.verdict());
                case Policies.Evaluated.Invalid it -> AuthzenDecision.no("refused", it.reason());
                case Policies.Evaluated.Away _ -> away();
              });
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom()
          .item(AuthzenDecision.no("refused", new Reason(e.code(), e.sentence())));
    }
  }

  private static ObjectNode away() {
    return AuthzenDecision.no(
        "unavailable", new Reason("policy-away", "the policy can't be asked now; ask again"));
  }
}
