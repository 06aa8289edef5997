/// Everything on one machine: embedded Kafka and PostgreSQL, mail sink, target, witness and the six
/// services.
///
/// Consumes and publishes nothing. Owns the state folder, the roles of the database and the list of
/// topics that exist. Its invariant: it signals only processes that it started, by their pid.
@NullMarked
package dev.countersign.launcher;

import org.jspecify.annotations.NullMarked;
