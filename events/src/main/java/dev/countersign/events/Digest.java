package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A SHA-256 digest in its published spelling: `sha256:` and 64 lower-case hex digits.
public record Digest(String value) {

  private static final String PREFIX = "sha256:";
  private static final int LENGTH = PREFIX.length() + 64;

  /// Throws `IllegalArgumentException` where the text has another form.
  @JsonCreator
  public Digest {
    if (!isDigest(value)) {
      throw new IllegalArgumentException("a digest is sha256: and 64 hex digits");
    }
  }

  // By hand: some ten are read for each decision, and a regular expression took ten times as long.
  private static boolean isDigest(String value) {
    if (value.length() != LENGTH || !value.startsWith(PREFIX)) {
      return false;
    }
    for (int i = PREFIX.length(); i < LENGTH; i++) {
      char c = value.charAt(i);
      if (!HexFormat.isHexDigit(c) || (c >= 'A' && c <= 'F')) {
        return false;
      }
    }
    return true;
  }

  /// The digest of these bytes.
  public static Digest of(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return ofHex(HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /// The digest of these 64 hex digits. Throws `IllegalArgumentException` where they are none.
  public static Digest ofHex(String hex) {
    return new Digest(PREFIX + hex);
  }

  /// The 64 hex digits alone.
  public String hex() {
    return value.substring(PREFIX.length());
  }

  @JsonValue
  @Override
  public String toString() {
    return value;
  }
}
