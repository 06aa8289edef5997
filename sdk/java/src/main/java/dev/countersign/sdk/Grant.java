package dev.countersign.sdk;

import java.time.Instant;
import java.util.List;

/// What an authentic grant that permits the call at hand says.
///
/// @param tool `toolset/name`
/// @param agentId who asked
/// @param approvals the votes behind it; none where the policy itself allowed it
public record Grant(
    String actionId,
    String tool,
    String agentId,
    String actionDigest,
    Instant expiresAt,
    List<Approval> approvals) {

  /// Who approved, how surely it was them, and when.
  public record Approval(String approver, String assurance, String at) {}

  public Grant {
    approvals = List.copyOf(approvals);
  }
}
