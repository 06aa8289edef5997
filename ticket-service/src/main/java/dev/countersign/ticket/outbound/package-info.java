/// PostgreSQL, keys, mail and the operator's file behind the ports of the use cases.
@NullMarked
package dev.countersign.ticket.outbound;

import org.jspecify.annotations.NullMarked;
