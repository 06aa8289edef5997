package dev.countersign.ticket.application;

import io.smallrye.mutiny.Uni;

/// Brings a code to its person, straight over SMTP: a code is authority, so it never passes a
/// topic.
public interface CodeMail {

  Uni<Void> send(Roster.Person to, String code);
}
