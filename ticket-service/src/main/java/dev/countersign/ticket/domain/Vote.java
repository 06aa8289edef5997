package dev.countersign.ticket.domain;

import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One approver's answer, as it counts.
///
/// @param proof absent where the assurance is none that leaves one, and on votes that are on file
public record Vote(
    String approver, Answer answer, Assurance assurance, Instant at, @Nullable Proof proof) {}
