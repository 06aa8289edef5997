/// What an entry is, and what makes a record this one. Pure: no clock, no random, no I/O.
@NullMarked
package dev.countersign.audit.domain;

import org.jspecify.annotations.NullMarked;
