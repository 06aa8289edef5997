@NullMarked
package dev.countersign.ticket.application;

import org.jspecify.annotations.NullMarked;
