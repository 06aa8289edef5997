/// What a message says and when it is tried again: no clock, no mail server, no database.
@NullMarked
package dev.countersign.notifier.domain;

import org.jspecify.annotations.NullMarked;
