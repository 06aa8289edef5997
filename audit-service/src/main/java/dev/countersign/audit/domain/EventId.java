package dev.countersign.audit.domain;

import dev.countersign.tlog.Hash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What makes a record this one, so that what comes again is logged once. Each part goes into the
/// hash with its length before it: no two lists of parts run together to the same bytes.
public final class EventId {

  private EventId() {}

  /// A CloudEvent that is redelivered or relayed twice is one entry, wherever it stands; two
  /// contents under one id are two.
  public static Hash ofCloudEvent(String topic, String source, String id, byte @Nullable [] value) {
    return hash('E', List.of(utf8(topic), utf8(source), utf8(id)), value);
  }

  /// A dead letter has the headers of the event that it was, so where that stood and why it was
  /// refused make it this one.
  public static Hash ofDeadLetter(List<String> headers, byte @Nullable [] value) {
    return hash('D', headers.stream().map(EventId::utf8).toList(), value);
  }

  /// What is no CloudEvent is known by its place alone. Time and value are in it, because places
  /// begin at 0 again when a topic is made anew.
  public static Hash ofRecord(
      String topic, int partition, long offset, long timestamp, byte @Nullable [] value) {
    byte[] place =
        ByteBuffer.allocate(20).putInt(partition).putLong(offset).putLong(timestamp).array();
    return hash('R', List.of(utf8(topic), place), value);
  }

  /// A record of which nothing is known any more but where it stood.
  ///
  /// @param timestamp Kafka's, in milliseconds: places begin at 0 again when a topic is made anew
  public static Hash ofPlace(String topic, int partition, long offset, long timestamp) {
    byte[] place =
        ByteBuffer.allocate(20).putInt(partition).putLong(offset).putLong(timestamp).array();
    return hash('P', List.of(utf8(topic), place), null);
  }

  /// The attestation that stands in an event.
  public static Hash ofAttestation(Hash event) {
    return hash('A', List.of(), event.bytes());
  }

  /// A leaf that no record stands behind.
  public static Hash ofLeaf(Hash leaf) {
    return hash('L', List.of(), leaf.bytes());
  }

  /// A leaf that no record stands behind and of which nothing is known any more but where it stood.
  /// Others may have the same bytes: two events with one attestation have a leaf each.
  public static Hash ofLeafAt(long index, Hash leaf) {
    byte[] place = ByteBuffer.allocate(8).putLong(index).array();
    return hash('I', List.of(place), leaf.bytes());
  }

  private static Hash hash(char kind, List<byte[]> parts, byte @Nullable [] value) {
    MessageDigest sha256 = Hash.sha256();
    sha256.update((byte) kind);
    for (byte[] part : parts) {
      sha256.update(length(part.length));
      sha256.update(part);
    }
    // A record without value is another than one with an empty value.
    sha256.update(length(value == null ? -1 : value.length));
    return Hash.of(value == null ? sha256.digest() : sha256.digest(value));
  }

  private static byte[] length(int length) {
    return ByteBuffer.allocate(4).putInt(length).array();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
