/// Asks approvers, tells them the answer, delivers what is queued.
@NullMarked
package dev.countersign.notifier.application;

import org.jspecify.annotations.NullMarked;
