package dev.countersign.ticket.domain;

import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import java.time.Instant;

/// One approver's answer, as it counts.
public record Vote(String approver, Answer answer, Assurance assurance, Instant at) {}
