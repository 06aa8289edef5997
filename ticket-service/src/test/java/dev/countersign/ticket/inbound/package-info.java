@NullMarked
package dev.countersign.ticket.inbound;

import org.jspecify.annotations.NullMarked;
