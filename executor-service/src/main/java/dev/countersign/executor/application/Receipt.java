package dev.countersign.executor.application;

import dev.countersign.events.Digest;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/// What whoever redeemed a grant has to show to say how it ended: the grant itself stands on a
/// topic that others read. We keep its digest only.
public record Receipt(String value) {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 32;

  static Receipt random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return new Receipt(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /// SHA-256 in hex.
  public String digest() {
    return Digest.of(value.getBytes(StandardCharsets.UTF_8)).hex();
  }

  @Override
  public String toString() {
    // It must not get into a log.
    return "Receipt[…]";
  }
}
