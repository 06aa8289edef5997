package dev.countersign.events;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A ticket waits for people. `approvers` are the ids of those who may answer it as things stand,
/// and `prompted` those of them whom a message is to reach: all where it is absent, nobody where it
/// is empty. `link` identifies the ticket and carries no authority.
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
    @Nullable List<String> prompted)
    implements Event {}
