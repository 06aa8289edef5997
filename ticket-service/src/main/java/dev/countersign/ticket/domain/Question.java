package dev.countersign.ticket.domain;

import dev.countersign.events.Action;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.Prompt;
import dev.countersign.events.Requirement;
import java.time.Instant;

/// What a ticket asks: fixed when it opens, and the same for everybody who looks.
public record Question(
    Action action,
    Digest actionDigest,
    Prompt prompt,
    Digest promptDigest,
    Card card,
    Requirement requirement,
    Instant openedAt,
    Instant expiresAt) {}
