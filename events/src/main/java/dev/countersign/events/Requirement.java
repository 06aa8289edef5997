package dev.countersign.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an approval takes. Every one of `quorums` must be filled, and one person fills one seat
/// only.
///
/// @param deadline how long the ticket stays open, from its opening by the database's clock
/// @param channels where approvers are reached, first choice first, for example `mail`
/// @param trust the bounds within which an approver may trust the session ({@link TrustTerms});
///   absent where they may not
/// @param grantLife how long the grant of it can be used ({@link GrantLife}); absent where the
///   policy does not say
public record Requirement(
    List<Quorum> quorums,
    Assurance assurance,
    Duration deadline,
    List<String> channels,
    List<Escalation> escalate,
    @Nullable JsonNode trust,
    @Nullable Duration grantLife) {

  @SuppressWarnings("NullAway") // absent on the wire is empty
  public Requirement {
    quorums = quorums == null ? List.of() : List.copyOf(quorums);
    channels = channels == null ? List.of() : List.copyOf(channels);
    escalate = escalate == null ? List.of() : List.copyOf(escalate);
    grantLife = GrantLife.checked(grantLife);
  }

  /// What says nothing of its grant.
  public Requirement(
      List<Quorum> quorums,
      Assurance assurance,
      Duration deadline,
      List<String> channels,
      List<Escalation> escalate,
      @Nullable JsonNode trust) {
    this(quorums, assurance, deadline, channels, escalate, trust, null);
  }

  /// So many different people out of these groups together; `count` from 1.
  public record Quorum(List<String> groups, int count) {
    public Quorum {
      groups = List.copyOf(groups);
      if (count < 1 || groups.isEmpty()) {
        throw new IllegalArgumentException("a quorum needs a group and a count of at least 1");
      }
    }
  }

  /// A step of the ladder: at this part of the window (0 to 1) those of these groups who were asked
  /// are told over these channels that it still waits. All of them, and over any, where it is
  /// empty.
  public record Escalation(double at, List<String> groups, List<String> channels) {
    @SuppressWarnings("NullAway") // absent on the wire is empty
    public Escalation {
      groups = groups == null ? List.of() : List.copyOf(groups);
      channels = channels == null ? List.of() : List.copyOf(channels);
    }
  }

  /// When a step of the ladder is due, of a ticket that expires then.
  public Instant due(Escalation step, Instant expiresAt) {
    return expiresAt.minus(deadline).plusMillis(Math.round(deadline.toMillis() * step.at()));
  }

  /// How many approvals it takes in all.
  public int votesNeeded() {
    return quorums.stream().mapToInt(Quorum::count).sum();
  }
}
