@NullMarked
package dev.countersign.ticket;

import org.jspecify.annotations.NullMarked;
