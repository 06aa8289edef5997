package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The ticket's final answer, when it is not {@link Expired}. `action` and `grant` stand in it when
/// it is approved, and only then. `attestations` are those of the votes that stand behind it.
public record Decision(
    ActionId actionId,
    Instant at,
    Outcome outcome,
    @Nullable Basis basis,
    @Nullable Reason reason,
    @Nullable Digest actionDigest,
    @Nullable Action action,
    @Nullable String grant,
    List<DsseEnvelope> attestations)
    implements Event {

  @SuppressWarnings("NullAway") // absent on the wire is empty
  public Decision {
    attestations = attestations == null ? List.of() : List.copyOf(attestations);
    if (outcome == Outcome.APPROVED && (action == null || grant == null || actionDigest == null)) {
      throw new IllegalArgumentException("an approved decision needs action, digest and grant");
    }
  }

  /// How it ended: people rejected, policy denied, the system refused invalid input.
  public enum Outcome {
    @JsonProperty("approved")
    APPROVED,
    @JsonProperty("rejected")
    REJECTED,
    @JsonProperty("denied")
    DENIED,
    @JsonProperty("cancelled")
    CANCELLED,
    @JsonProperty("refused")
    REFUSED
  }

  /// Who decided: the policy at once, people, or a person's standing trust.
  public enum Basis {
    @JsonProperty("policy")
    POLICY,
    @JsonProperty("votes")
    VOTES,
    @JsonProperty("trust")
    TRUST
  }
}
