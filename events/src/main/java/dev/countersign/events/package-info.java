/// The published language of Countersign: one record for each event, the names of the topics, and
/// the canonical form that digests are taken of. Nothing here knows Kafka, HTTP or a database.
@NullMarked
package dev.countersign.events;

import org.jspecify.annotations.NullMarked;
