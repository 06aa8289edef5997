package dev.countersign.ticket.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.countersign.ticket.application.Signer.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;

/// A grant's key in PEM, as releases before the key store had it.
final class FormerGrantKey {

  private static final String NAME = "grant-key.pem";
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----\n";
  private static final String END = "\n-----END PRIVATE KEY-----\n";

  private final Path pem;

  FormerGrantKey(Path folder) {
    this.pem = folder.resolve(NAME);
  }

  boolean exists() {
    return Files.exists(pem);
  }

  /// Removes the file where these keys hold it; any other is none of ours to remove.
  void removeIfIn(KeyRing ring) throws GeneralSecurityException, IOException {
    if (exists() && holds(ring, read())) {
      Files.deleteIfExists(pem);
    }
  }

  private static boolean holds(KeyRing ring, KeyPair grantKey)
      throws GeneralSecurityException, IOException {
    X509Certificate certificate =
        Certificates.selfSigned("countersign", grantKey, new Validity(Instant.EPOCH, null));
    String kid = PublishedKey.of(Role.GRANT, certificate).kid();
    return ring.published().stream().anyMatch(key -> key.kid().equals(kid));
  }

  KeyPair read() throws GeneralSecurityException, IOException {
    String text = Files.readString(pem, US_ASCII);
    if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
      throw new IOException(
          pem + " is no PKCS #8 key in PEM; put back the key, or remove the file to make new keys");
    }
    byte[] der =
        Base64.getMimeDecoder()
            .decode(text.substring(BEGIN.length(), text.length() - END.length()));
    if (!(PrivateKeyFactory.createKey(der) instanceof Ed25519PrivateKeyParameters ed25519)) {
      throw new IOException(pem + " holds another kind of key; grants are signed with Ed25519");
    }
    KeyFactory keys = KeyFactory.getInstance("Ed25519");
    byte[] spki =
        SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(ed25519.generatePublicKey())
            .getEncoded();
    return new KeyPair(
        keys.generatePublic(new X509EncodedKeySpec(spki)),
        keys.generatePrivate(new PKCS8EncodedKeySpec(der)));
  }
}
