package dev.countersign.gateway.domain;

import dev.countersign.events.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// The text of an agent's key: `csk_` and 256 random bits as base64url. The prefix tells it from a
/// token, and tells whoever finds one in a repository what it is.
public record AgentKey(String text) {

  /// How many random bytes make a key.
  public static final int RANDOM_BYTES = 32;

  private static final String PREFIX = "csk_";
  private static final int ID_DIGITS = 12;

  /// @param random {@value #RANDOM_BYTES} bytes that nobody can guess
  public static AgentKey of(byte[] random) {
    if (random.length != RANDOM_BYTES) {
      throw new IllegalArgumentException("a key has " + RANDOM_BYTES + " random bytes");
    }
    return new AgentKey(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random));
  }

  /// Whether this is meant to be a key at all.
  public static boolean isOne(String text) {
    return text.startsWith(PREFIX);
  }

  /// What is kept of it.
  public String hash() {
    return Digest.of(text.getBytes(StandardCharsets.UTF_8)).hex();
  }

  /// What people call it: the hash's first {@value #ID_DIGITS} hex digits.
  public String id() {
    return hash().substring(0, ID_DIGITS);
  }

  /// Says nothing, so that no log does.
  @Override
  public String toString() {
    return PREFIX + "…";
  }
}
