package dev.countersign.gateway.domain;

import dev.countersign.events.ActionId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The value of an `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header), with or
/// without its quotes: 1 to 255 characters, printable ASCII.
public record IdempotencyKey(String value) {

  private static final int LONGEST = 255;

  /// Our own namespace (RFC 9562 §6.6), drawn once.
  private static final UUID NAMESPACE = UUID.fromString("5d3c1b0e-6f0a-4c53-9a53-7c1f0b9a2f64");

  /// Throws `IllegalArgumentException` with a sentence where it is none.
  public static IdempotencyKey of(String header) {
    String text = header.strip();
    if (text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")) {
      text = text.substring(1, text.length() - 1);
    }
    if (text.isEmpty()
        || text.length() > LONGEST
        || !text.chars().allMatch(it -> it >= 0x20 && it < 0x7f)) {
      throw new IllegalArgumentException(
          "Idempotency-Key must be 1 to 255 printable ASCII characters; a UUID is best");
    }
    return new IdempotencyKey(text);
  }

  /// The key of the proposal at this place of a batch that was sent under this one. It may be
  /// longer than a header's.
  public IdempotencyKey at(int place) {
    // Without the space before it, which no header's key has: ids are made from it.
    return new IdempotencyKey((value + "/" + place).strip());
  }

  /// The key itself, where it is a UUID.
  public Optional<ActionId> uuid() {
    try {
      return Optional.of(ActionId.of(value));
    } catch (IllegalArgumentException _) {
      // Any other text is as good a key: see actionId.
      return Optional.empty();
    }
  }

  /// The actionId that this key stands for: itself where it is a UUID, or else the UUID v5 (RFC
  /// 9562 §5.5) of `agentId ‖ 0x00 ‖ key`, so that two agents may use the same key. The names of a
  /// platform's agents have a namespace of their own.
  ///
  /// @param platform whose agent it is, where that was proven
  public ActionId actionId(String agentId, @Nullable String platform) {
    UUID namespace = platform == null ? NAMESPACE : nameBased(NAMESPACE, platform);
    return uuid().orElseGet(() -> new ActionId(nameBased(namespace, agentId + "\0" + value)));
  }

  private static UUID nameBased(UUID namespace, String name) {
    byte[] hash =
        sha1()
            .digest(
                concat(
                    ByteBuffer.allocate(16)
                        .putLong(namespace.getMostSignificantBits())
                        .putLong(namespace.getLeastSignificantBits())
                        .array(),
                    name.getBytes(StandardCharsets.UTF_8)));
    ByteBuffer bytes = ByteBuffer.wrap(hash);
    long high = (bytes.getLong() & ~0xF000L) | 0x5000L;
    long low = (bytes.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
