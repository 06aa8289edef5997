/// The topics that concern the notifier.
@NullMarked
package dev.countersign.notifier.inbound;

import org.jspecify.annotations.NullMarked;
