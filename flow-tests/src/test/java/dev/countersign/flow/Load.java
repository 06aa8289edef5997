package dev.countersign.flow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.events.ActionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// Proposals of every kind that ends by itself, each with the end that it must come to.
final class Load {

  enum End {
    EXECUTED,
    DENIED,
    EXPIRED
  }

  record Case(ActionId id, ObjectNode proposal, End end) {}

  private Load() {}

  /// So many, of mixed kinds: half run at once, some are denied, the rest ask, wait this long, and
  /// get no answer.
  static List<Case> of(int count, Duration deadline) {
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cases.add(
          switch (i % 10) {
            case 0, 1, 2, 3, 4 -> deletion();
            case 5, 6 -> unlisted();
            default -> unanswered(deadline);
          });
    }
    return cases;
  }

  static Case deletion() {
    ObjectNode parameters = JsonNodeFactory.instance.objectNode();
    parameters.putArray("paths").add("reports/old-1.csv");
    return of("files", "delete_files", parameters, End.EXECUTED);
  }

  /// Takes effect at once, and its target answers this much later.
  static Case answeredAfter(Duration delay) {
    ObjectNode parameters =
        JsonNodeFactory.instance.objectNode().put("milliseconds", delay.toMillis());
    return of("demo", "slow", parameters, End.EXECUTED);
  }

  static Case unlisted() {
    return of("files", "format_disk", JsonNodeFactory.instance.objectNode(), End.DENIED);
  }

  /// Asks people, and waits for them this long.
  static Case unanswered(Duration deadline) {
    ObjectNode parameters = JsonNodeFactory.instance.objectNode();
    parameters.put("list", "staff").put("subject", "Summer party");
    Case asked = of("crm", "send_newsletter", parameters, End.EXPIRED);
    asked.proposal().put("deadline", deadline.toString());
    return asked;
  }

  private static Case of(String toolset, String tool, JsonNode parameters, End end) {
    ActionId id = new ActionId(UUID.randomUUID());
    ObjectNode proposal = AgentPlatform.proposal(id, toolset, tool, parameters);
    // A run of its own: asked again in the same run it would be the same question, and no mail.
    proposal.withObject("agent").put("session", "run-" + id);
    return new Case(id, proposal, end);
  }

  static Stream<ActionId> ids(List<Case> cases, End end) {
    return cases.stream().filter(each -> each.end() == end).map(Case::id);
  }
}
