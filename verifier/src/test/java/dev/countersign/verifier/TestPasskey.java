package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.countersign.events.Assertion;
import dev.countersign.tlog.Hash;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.util.Base64;

/// A passkey in a few lines, which also does what a good one never would.
final class TestPasskey {

  static final int PRESENT = 0x01;
  static final int VERIFIED = 0x04;

  final KeyPair keys = Signed.p256();
  String type = "webauthn.get";
  String origin = Signed.ORIGIN;
  String rpId = "localhost";
  boolean crossOrigin;
  int flags = PRESENT | VERIFIED;
  int signCount = 8;
  long signCountBefore = 7;

  Assertion assertion(byte[] challenge) {
    byte[] client =
        """
        {"type":"%s","challenge":"%s","origin":"%s","crossOrigin":%s}\
        """
            .formatted(type, base64(challenge), origin, crossOrigin)
            .getBytes(UTF_8);
    byte[] data =
        ByteBuffer.allocate(37)
            .put(Hash.sha256().digest(rpId.getBytes(UTF_8)))
            .put((byte) flags)
            .putInt(signCount)
            .array();
    return new Assertion(
        base64(data),
        base64(client),
        base64(Signed.ecdsa(keys, data, Hash.sha256().digest(client))),
        base64(new byte[] {1, 2, 3, 4}),
        base64(keys.getPublic().getEncoded()),
        "localhost",
        URI.create(Signed.ORIGIN),
        signCountBefore);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
