package dev.countersign.flow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Assurance;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Prompt;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.events.TrustTerms;
import dev.countersign.events.Verdict;
import dev.countersign.flow.SimulatedSystem.Message;
import dev.countersign.flow.SimulatedSystem.Table;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One verdict for each action; the first proposal of an id stands.
final class SimulatedPolicy extends SimulatedService {
  /// Within what a session may be trusted with credit notes.
  static final TrustTerms TERMS = new TrustTerms(3, Duration.ofMinutes(10), "200", "amount", null);

  private static final Digest TOOL_DIGEST = Digest.of(new byte[] {1});

  final Table<Digest> rows = new Table<>();

  SimulatedPolicy(SimulatedSystem system) {
    super(system, "policy", List.of(Topics.ACTION_PROPOSED));
  }

  @Override
  void handle(Message message) {
    ActionProposed proposal = (ActionProposed) message.event();
    Digest digest = proposal.digest();
    Optional<Digest> known = rows.find(proposal.actionId());
    if (known.isEmpty() || system.defect == Defect.POLICY_FORGETS_WHAT_IT_JUDGED) {
      rows.put(proposal.actionId(), system.now, digest);
      emit(verdict(proposal.actionId(), proposal.action(), digest));
    } else if (!known.get().equals(digest)) {
      emit(Topics.DEAD_LETTER, proposal);
    }
  }

  private Verdict verdict(ActionId id, Action action, Digest digest) {
    if (SimulatedSystem.ALLOWED.contains(action.tool())) {
      return new Verdict.Allowed(
          id,
          system.now,
          action,
          digest,
          JsonNodeFactory.instance.objectNode(),
          List.of(),
          SimulatedSystem.POLICY_VERSION);
    }
    if (action.tool().equals(SimulatedSystem.FORMAT)) {
      return new Verdict.Denied(
          id,
          system.now,
          action,
          digest,
          null,
          List.of(),
          SimulatedSystem.POLICY_VERSION,
          new Reason("no", "No."));
    }
    Prompt prompt =
        new Prompt(
            action.tool().name(),
            "the target",
            "the effect",
            List.of(new Prompt.Field("Amount", action.parameters().get("amount").asText(), true)),
            null,
            List.of(),
            List.of(),
            null,
            digest,
            SimulatedSystem.POLICY_VERSION);
    return new Verdict.ApprovalRequired(
        id,
        system.now,
        action,
        digest,
        JsonNodeFactory.instance
            .objectNode()
            .put("amount", action.parameters().get("amount").asText()),
        List.of(),
        SimulatedSystem.POLICY_VERSION,
        requirement(action.tool()),
        prompt,
        new Card("t", "t", null),
        null,
        TOOL_DIGEST);
  }

  private Requirement requirement(Tool tool) {
    List<Requirement.Quorum> quorums =
        tool.equals(SimulatedSystem.NEWSLETTER)
            ? List.of(new Requirement.Quorum(List.of("communications"), 1))
            : tool.equals(SimulatedSystem.CREDIT)
                ? List.of(new Requirement.Quorum(List.of("finance"), 1))
                : tool.equals(SimulatedSystem.TRANSFER)
                    ? List.of(new Requirement.Quorum(List.of("finance"), 2))
                    : tool.equals(SimulatedSystem.DROP)
                        ? List.of(
                            new Requirement.Quorum(List.of("finance"), 1),
                            new Requirement.Quorum(List.of("platform"), 1))
                        : List.of(new Requirement.Quorum(List.of("finance"), 9));
    return new Requirement(
        quorums,
        Assurance.CODE,
        SimulatedSystem.DEADLINE,
        List.of(),
        List.of(),
        tool.equals(SimulatedSystem.CREDIT) ? EventJson.tree(TERMS) : null);
  }
}
