package dev.countersign.ticket.application;

import dev.countersign.events.Agent;
import dev.countersign.ticket.domain.Electorate;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The people of the operator's file as it stands now.
public interface Roster {

  /// A person and where their codes go.
  record Person(String id, String name, String mail) {}

  /// Who may answer what this agent asks, at this time.
  Electorate electorate(Agent agent, Instant at);

  /// The groups in which this person may answer at this time, stand-ins counted.
  Set<String> groups(String id, Instant at);

  /// The person whom this id or address names, if they have a mail address.
  Optional<Person> find(String idOrAddress);

  /// Everybody who has a mail address, in the order of the file.
  List<Person> people();

  /// Who invites others and vouches for their passkeys, by id.
  Set<String> admins();

  /// Whether this person is one of them.
  boolean isAdmin(String id);

  /// The time zone of their days; UTC where the file no longer knows them.
  ZoneId zone(String id);

  /// How people call them; the id where the file no longer knows them.
  String name(String id);
}
