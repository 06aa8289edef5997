package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// A SHA-256 digest in its published spelling: `sha256:` and 64 lower-case hex digits.
public record Digest(String value) {

  private static final String PREFIX = "sha256:";
  private static final Pattern FORM = Pattern.compile(PREFIX + "[0-9a-f]{64}");

  /// Throws `IllegalArgumentException` where the text has another form.
  @JsonCreator
  public Digest {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("a digest is sha256: and 64 hex digits");
    }
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
