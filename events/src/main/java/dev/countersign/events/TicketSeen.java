package dev.countersign.events;

import java.time.Instant;

/// A signed-in approver looked at the ticket for the first time.
public record TicketSeen(ActionId actionId, Instant at, String approver) implements Event {}
