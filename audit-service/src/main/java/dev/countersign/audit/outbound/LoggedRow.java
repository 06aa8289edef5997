package dev.countersign.audit.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/// An entry as the tables have it.
///
/// @param salt absent where the payload was erased, or there never was one
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record LoggedRow(
    long index, String topic, byte[] leaf, byte @Nullable [] salt, byte @Nullable [] value) {

  /// From index, topic, entry, salt and value.
  static LoggedRow of(Object[] row) {
    return new LoggedRow(
        (Long) row[0],
        (String) row[1],
        ((String) row[2]).getBytes(UTF_8),
        (byte[]) row[3],
        (byte[]) row[4]);
  }
}
