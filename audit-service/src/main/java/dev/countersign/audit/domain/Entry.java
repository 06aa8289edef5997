package dev.countersign.audit.domain;

import dev.countersign.events.ActionId;
import dev.countersign.tlog.Hash;
import org.jspecify.annotations.Nullable;

/// One leaf, ready to be appended, and apart from it what the leaf only commits to. An
/// attestation's leaf has nothing apart.
///
/// @param place where it stood; absent where it came from no topic
/// @param topic where the record came from; [#ATTESTATION] where it came from none
/// @param traceparent the trace it belongs to, well-formed
/// @param headers JSON: `[[name, base64 or null], …]`
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record Entry(
    Hash eventId,
    @Nullable Place place,
    String topic,
    @Nullable ActionId actionId,
    byte[] leaf,
    @Nullable String traceparent,
    byte @Nullable [] salt,
    byte @Nullable [] key,
    byte @Nullable [] value,
    String headers) {

  /// What stands in a topic's place for the attestation leaves.
  public static final String ATTESTATION = "attestation";

  // For what is of one size in each: objects here, columns there.
  private static final int BESIDES = 512;

  /// About how many bytes it takes, here and on the way to the database.
  public int weight() {
    return BESIDES + leaf.length + headers.length() + length(key) + length(value);
  }

  private static int length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
