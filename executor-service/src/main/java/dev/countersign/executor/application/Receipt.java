package dev.countersign.executor.application;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

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
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    // It must not get into a log.
    return "Receipt[…]";
  }
}
