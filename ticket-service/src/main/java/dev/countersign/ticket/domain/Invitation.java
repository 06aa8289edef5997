package dev.countersign.ticket.domain;

import java.time.Instant;

/// One person may make one passkey.
///
/// @param by the id of the party that invited them
/// @param until when the one-time code that goes with it ends
public record Invitation(InvitationId id, String approver, String by, Instant at, Instant until) {}
