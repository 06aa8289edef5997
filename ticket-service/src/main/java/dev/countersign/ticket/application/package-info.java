/// The use cases, and the ports they need. Each state change and what it publishes commit together.
@NullMarked
package dev.countersign.ticket.application;

import org.jspecify.annotations.NullMarked;
