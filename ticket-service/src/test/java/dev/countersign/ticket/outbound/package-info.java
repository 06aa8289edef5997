@NullMarked
package dev.countersign.ticket.outbound;

import org.jspecify.annotations.NullMarked;
