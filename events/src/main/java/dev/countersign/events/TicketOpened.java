package dev.countersign.events;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A ticket waits for people. `approvers` are the ids of those who may answer it as things stand;
/// `link` identifies the ticket and carries no authority.
public record TicketOpened(
    ActionId actionId,
    Instant at,
    Card card,
    Digest promptDigest,
    Requirement requirement,
    List<String> approvers,
    Instant expiresAt,
    @Nullable String batchId,
    URI link)
    implements Event {}
