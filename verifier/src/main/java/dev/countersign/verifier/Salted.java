package dev.countersign.verifier;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// What a leaf says of a payload: an HMAC under a salt of its own. Without the salt it tells
/// nothing, so that a payload is gone when payload and salt are erased.
public final class Salted {

  /// A salt's length in bytes.
  public static final int SALT_BYTES = 32;

  private static final String ALGORITHM = "HmacSHA256";
  private static final byte[] NOTHING = {};

  private Salted() {}

  /// `hmac-sha256:` and the hex HMAC over the record's exact value bytes; none count as empty.
  public static String payload(byte[] salt, byte @Nullable [] value) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(salt, ALGORITHM));
      return "hmac-sha256:"
          + HexFormat.of().formatHex(mac.doFinal(value == null ? NOTHING : value));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }
}
