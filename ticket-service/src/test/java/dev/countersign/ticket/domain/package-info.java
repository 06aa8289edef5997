@NullMarked
package dev.countersign.ticket.domain;

import org.jspecify.annotations.NullMarked;
