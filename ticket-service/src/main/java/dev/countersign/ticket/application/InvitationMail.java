package dev.countersign.ticket.application;

import io.smallrye.mutiny.Uni;
import java.net.URI;

/// Tells a person that they are invited. The link carries no authority, and the code is told on
/// another way.
public interface InvitationMail {

  Uni<Void> send(Roster.Person to, URI link);
}
