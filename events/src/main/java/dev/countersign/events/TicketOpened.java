package dev.countersign.events;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A ticket waits for people. `approvers` are the ids of those who may answer it as things stand,
/// and `prompted` those of them whom a message is to reach: all where it is absent, nobody where it
/// is empty. Published once more, with others as `prompted`, where the ticket comes to the front
/// later. `link` identifies the ticket and carries no authority.
///
/// @param batchId what the proposer called the batch; others may call theirs the same
/// @param set what the ticket is to be answered with together; absent where it is asked about alone
public record TicketOpened(
    ActionId actionId,
    Instant at,
    Card card,
    Digest promptDigest,
    Requirement requirement,
    List<String> approvers,
    Instant expiresAt,
    @Nullable String batchId,
    URI link,
    @Nullable List<String> prompted,
    @Nullable Set set)
    implements Event {

  /// Questions that belong together; no two proposers', runs' or sizes ever share an `id`.
  ///
  /// @param size how many actions its proposer announced, from 1
  public record Set(String id, int size) {}

  /// A ticket that is asked about alone.
  public TicketOpened(
      ActionId actionId,
      Instant at,
      Card card,
      Digest promptDigest,
      Requirement requirement,
      List<String> approvers,
      Instant expiresAt,
      @Nullable String batchId,
      URI link,
      @Nullable List<String> prompted) {
    this(
        actionId,
        at,
        card,
        promptDigest,
        requirement,
        approvers,
        expiresAt,
        batchId,
        link,
        prompted,
        null);
  }

  /// Whom a message is to reach: those whom it names for it, or else all who may answer.
  public List<String> recipients() {
    return prompted == null ? approvers : prompted;
  }
}
