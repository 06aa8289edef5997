package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Exactly what the approver is shown, computed from the operator's catalogue and the parameters.
/// `agentSays` alone holds the agent's words, to be fenced.
///
/// @param preconditions how things stand that the action rests on; absent where there are none, so
///   that what was digested before there were any keeps its digest
/// @param toolDigest that of the tool's entry in the catalogue, by which this was made; absent
///   where the tool is not listed
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
    Digest policyVersion,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Precondition> preconditions,
    @Nullable Digest toolDigest) {

  @SuppressWarnings("NullAway") // absent on the wire is empty
  public Prompt {
    fields = fields == null ? List.of() : List.copyOf(fields);
    risks = risks == null ? List.of() : List.copyOf(risks);
    rules = rules == null ? List.of() : List.copyOf(rules);
    preconditions = preconditions == null ? List.of() : List.copyOf(preconditions);
  }

  /// One that rests on nothing, of a tool that is not listed.
  public Prompt(
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
    this(
        title,
        target,
        effect,
        fields,
        agentSays,
        risks,
        rules,
        rollbackPlan,
        actionDigest,
        policyVersion,
        List.of(),
        null);
  }

  /// The same, resting on these.
  public Prompt with(List<Precondition> preconditions) {
    return new Prompt(
        title,
        target,
        effect,
        fields,
        agentSays,
        risks,
        rules,
        rollbackPlan,
        actionDigest,
        policyVersion,
        preconditions,
        toolDigest);
  }

  /// A line of the prompt. Where `confirm` is set, the approver must type the value.
  public record Field(String label, String value, boolean confirm) {}

  /// The `promptDigest`: SHA-256 over this prompt's RFC 8785 form.
  public Digest digest() {
    return Canonical.digest(this);
  }
}
