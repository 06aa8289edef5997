/// How events travel: outbox and relay on the way out, inbox and dead letters on the way in. It
/// moves `Event`s and knows none of their types.
@NullMarked
package dev.countersign.messaging;

import org.jspecify.annotations.NullMarked;
