/// What an entry is, what makes a record this one, what it shows of actions and people, and what
/// says that its content went. Pure: no clock, no random, no I/O.
@NullMarked
package dev.countersign.audit.domain;

import org.jspecify.annotations.NullMarked;
