package dev.countersign.ticket.domain;

import dev.countersign.events.Assurance;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Tool;
import java.util.List;
import java.util.Optional;

/// What the gate asks for its own tool, whatever a policy or a verdict says: two admins, by their
/// passkeys. The executor counts people and passkeys, and knows nobody's groups.
public final class LiftFreeze {

  public static final Tool TOOL = Tool.LIFT_FREEZE;

  /// The admins, and nobody who stands in for them.
  private static final List<String> ADMINS = List.of("admins");

  private static final int TWO = 2;

  private LiftFreeze() {}

  /// Why this may not be asked so; empty where it may, and for every other tool.
  public static Optional<Reason> refusal(Tool tool, Requirement requirement) {
    boolean enough =
        requirement.assurance().satisfies(Assurance.PASSKEY)
            && requirement.quorums().stream()
                .anyMatch(each -> each.groups().equals(ADMINS) && each.count() >= TWO);
    return tool.equals(TOOL) && !enough
        ? Optional.of(
            new Reason(
                "two-admins",
                "A freeze is lifted by two of the group admins, with their passkeys; policy.yaml"
                    + " asks for less. Take the rule of the sample."))
        : Optional.empty();
  }
}
