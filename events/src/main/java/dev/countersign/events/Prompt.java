package dev.countersign.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Exactly what the approver is shown, computed from the operator's catalogue and the parameters.
/// `agentSays` alone holds the agent's words, to be fenced.
public record Prompt(
    String title,
    String target,
    String effect,
    List<Field> fields,
    @Nullable Intent agentSays,
    List<String> risks,
    List<Rule> rules,
    @Nullable String rollbackPlan,
    Digest actionDigest,
    Digest policyVersion) {

  @SuppressWarnings("NullAway") // absent on the wire is empty
  public Prompt {
    fields = fields == null ? List.of() : List.copyOf(fields);
    risks = risks == null ? List.of() : List.copyOf(risks);
    rules = rules == null ? List.of() : List.copyOf(rules);
  }

  /// A line of the prompt. Where `confirm` is set, the approver must type the value.
  public record Field(String label, String value, boolean confirm) {}

  /// The `promptDigest`: SHA-256 over this prompt's RFC 8785 form.
  public Digest digest() {
    return Canonical.digest(this);
  }
}
