package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.ticket.domain.AgentSession;
import java.time.Instant;

/// A session that somebody holds.
///
/// @param actionId the action at which they did
/// @param by who
public record Hold(
    long id, AgentSession session, ActionId actionId, String by, Instant at, String reason) {}
