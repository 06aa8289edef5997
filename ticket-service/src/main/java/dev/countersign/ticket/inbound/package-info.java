/// Kafka listeners and HTTP: parse, route, nothing else.
@NullMarked
package dev.countersign.ticket.inbound;

import org.jspecify.annotations.NullMarked;
