package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The policy's answer to a proposal.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "verdict")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Verdict.Allowed.class, name = "allowed"),
  @JsonSubTypes.Type(value = Verdict.ApprovalRequired.class, name = "approval-required"),
  @JsonSubTypes.Type(value = Verdict.Denied.class, name = "denied"),
  @JsonSubTypes.Type(value = Verdict.Refused.class, name = "refused")
})
public sealed interface Verdict extends Event {

  @Override
  ActionId actionId();

  @Override
  Instant at();

  /// May run at once. `batch` is the one that it was proposed in, `toolDigest` that of the tool's
  /// entry in the catalogue, absent where the tool is not listed; `grantLife` how long its grant
  /// can be used ({@link GrantLife}), absent where the policy does not say.
  record Allowed(
      ActionId actionId,
      Instant at,
      Action action,
      Digest actionDigest,
      JsonNode facts,
      List<Rule> rules,
      Digest policyVersion,
      @Nullable Batch batch,
      @Nullable Digest toolDigest,
      @Nullable Duration grantLife)
      implements Verdict {

    public Allowed {
      grantLife = GrantLife.checked(grantLife);
    }

    /// What was proposed by itself.
    public Allowed(
        ActionId actionId,
        Instant at,
        Action action,
        Digest actionDigest,
        JsonNode facts,
        List<Rule> rules,
        Digest policyVersion) {
      this(actionId, at, action, actionDigest, facts, rules, policyVersion, null, null, null);
    }
  }

  /// People must say yes first. `toolDigest` is that of the tool's entry in the catalogue, by which
  /// a standing permission is bound to what the tool meant when it was given; absent where the tool
  /// is not listed. Where `alone` is true, the operator has each call of the tool asked about by
  /// itself, whatever batch it was proposed in.
  record ApprovalRequired(
      ActionId actionId,
      Instant at,
      Action action,
      Digest actionDigest,
      JsonNode facts,
      List<Rule> rules,
      Digest policyVersion,
      Requirement requirement,
      Prompt prompt,
      Card card,
      @Nullable Batch batch,
      @Nullable Digest toolDigest,
      @Nullable Boolean alone)
      implements Verdict {

    /// What may be asked about together with the rest of its batch.
    public ApprovalRequired(
        ActionId actionId,
        Instant at,
        Action action,
        Digest actionDigest,
        JsonNode facts,
        List<Rule> rules,
        Digest policyVersion,
        Requirement requirement,
        Prompt prompt,
        Card card,
        @Nullable Batch batch,
        @Nullable Digest toolDigest) {
      this(
          actionId,
          at,
          action,
          actionDigest,
          facts,
          rules,
          policyVersion,
          requirement,
          prompt,
          card,
          batch,
          toolDigest,
          null);
    }

    /// The same question, whose prompt says that it rests on these.
    public ApprovalRequired restingOn(List<Precondition> preconditions) {
      return new ApprovalRequired(
          actionId,
          at,
          action,
          actionDigest,
          facts,
          rules,
          policyVersion,
          requirement,
          prompt.with(preconditions),
          card,
          batch,
          toolDigest,
          alone);
    }
  }

  /// A rule, or the failure to evaluate one, says no. `batch` is the one that it was proposed in.
  record Denied(
      ActionId actionId,
      Instant at,
      Action action,
      Digest actionDigest,
      @Nullable JsonNode facts,
      List<Rule> rules,
      Digest policyVersion,
      Reason reason,
      @Nullable Batch batch)
      implements Verdict {

    /// What was proposed by itself.
    public Denied(
        ActionId actionId,
        Instant at,
        Action action,
        Digest actionDigest,
        @Nullable JsonNode facts,
        List<Rule> rules,
        Digest policyVersion,
        Reason reason) {
      this(actionId, at, action, actionDigest, facts, rules, policyVersion, reason, null);
    }
  }

  /// The proposal is not one that can be judged or shown; `actionDigest` where one could be taken.
  record Refused(ActionId actionId, Instant at, @Nullable Digest actionDigest, Reason reason)
      implements Verdict {}
}
