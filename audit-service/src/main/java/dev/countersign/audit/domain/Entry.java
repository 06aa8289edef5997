package dev.countersign.audit.domain;

import dev.countersign.events.ActionId;
import dev.countersign.verifier.Hash;
import org.jspecify.annotations.Nullable;

/// One record, ready to be appended: its leaf, and apart from it what the leaf only commits to.
///
/// @param traceparent the trace it belongs to, well-formed
/// @param headers JSON: `[[name, base64 or null], …]`
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record Entry(
    Hash eventId,
    String topic,
    @Nullable ActionId actionId,
    byte[] leaf,
    @Nullable String traceparent,
    byte[] salt,
    byte @Nullable [] key,
    byte @Nullable [] value,
    String headers) {

  /// About how many bytes it takes to send it to the database.
  public int weight() {
    return leaf.length + headers.length() + (value == null ? 0 : value.length);
  }
}
