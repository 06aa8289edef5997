/// Asks Countersign before a tool call that can't be undone, and checks its grant where the call is
/// run. For Java 17 and later; it needs Jackson and a library for RFC 8785, and nothing of the
/// services.
@NullMarked
package dev.countersign.sdk;

import org.jspecify.annotations.NullMarked;
