/// The ticket as a state machine, and who may answer it. Pure: time, people and random numbers come
/// in as arguments.
@NullMarked
package dev.countersign.ticket.domain;

import org.jspecify.annotations.NullMarked;
