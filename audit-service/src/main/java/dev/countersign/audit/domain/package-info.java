/// What an entry is, how entries are chained, and how both are checked. Pure: no clock, no random,
/// no I/O.
@NullMarked
package dev.countersign.audit.domain;

import org.jspecify.annotations.NullMarked;
