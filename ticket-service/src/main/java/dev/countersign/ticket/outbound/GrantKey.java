package dev.countersign.ticket.outbound;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.ticket.application.PublicKeys;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// The key that grants are signed with, and nothing else: Ed25519 (RFC 8037), as PKCS #8 in a PEM
/// file (RFC 7468) that only this service's user may read. It is made at the first start.
///
/// It signs by BouncyCastle, which is sixteen times as fast at Ed25519 as the JDK.
@ApplicationScoped
class GrantKey implements JWSSigner, PublicKeys {

  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----\n";
  private static final String END = "\n-----END PRIVATE KEY-----\n";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Ed25519PrivateKeyParameters key;
  private final OctetKeyPair publicKey;
  private final JCAContext context = new JCAContext();

  @Inject
  GrantKey(@ConfigProperty(name = "countersign.state", defaultValue = ".countersign") Path state)
      throws IOException, JOSEException {
    this(readOrMake(state.resolve("ticket").resolve("grant-key.pem")));
  }

  GrantKey(Ed25519PrivateKeyParameters key) throws JOSEException {
    this.key = key;
    OctetKeyPair plain =
        new OctetKeyPair.Builder(
                Curve.Ed25519, Base64URL.encode(key.generatePublicKey().getEncoded()))
            .build();
    this.publicKey =
        new OctetKeyPair.Builder(plain)
            .keyUse(KeyUse.SIGNATURE)
            .algorithm(JWSAlgorithm.EdDSA)
            // RFC 7638: the same key has the same name wherever it is read.
            .keyID(plain.computeThumbprint().toString())
            .build();
  }

  static Ed25519PrivateKeyParameters readOrMake(Path path) throws IOException {
    if (!Files.exists(path)) {
      make(path);
    }
    String pem = Files.readString(path, StandardCharsets.US_ASCII);
    if (!pem.startsWith(BEGIN) || !pem.endsWith(END)) {
      throw new IOException(
          path
              + " is no PKCS #8 key in PEM; put back the key, or remove the file to make a new one");
    }
    byte[] der =
        Base64.getMimeDecoder().decode(pem.substring(BEGIN.length(), pem.length() - END.length()));
    AsymmetricKeyParameter key = PrivateKeyFactory.createKey(der);
    if (key instanceof Ed25519PrivateKeyParameters ed25519) {
      return ed25519;
    }
    throw new IOException(path + " holds another kind of key; grants are signed with Ed25519");
  }

  private static void make(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    PrivateKeyInfo info =
        PrivateKeyInfoFactory.createPrivateKeyInfo(
            new Ed25519PrivateKeyParameters(new SecureRandom()));
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(info.getEncoded());
    Path fresh =
        Files.createTempFile(
            folder, "grant-key", ".tmp", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap((BEGIN + base64 + END).getBytes(StandardCharsets.US_ASCII)));
      channel.force(true);
    }
    try {
      // Whole or not at all, and never over a key that another instance has just made.
      Files.createLink(path, fresh);
    } catch (FileAlreadyExistsException e) {
      // The other instance's key is as good.
      Files.deleteIfExists(fresh);
      return;
    }
    Files.deleteIfExists(fresh);
  }

  String kid() {
    return publicKey.getKeyID();
  }

  @Override
  public Map<String, Object> jwks() {
    Map<String, Object> jwk = new LinkedHashMap<>(publicKey.toPublicJWK().toJSONObject());
    jwk.put("role", "grant");
    return Map.of("keys", List.of(jwk));
  }

  @Override
  public Base64URL sign(JWSHeader header, byte[] signingInput) throws JOSEException {
    if (!JWSAlgorithm.EdDSA.equals(header.getAlgorithm())) {
      throw new JOSEException("this key signs EdDSA only");
    }
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, key);
    signer.update(signingInput, 0, signingInput.length);
    return Base64URL.encode(signer.generateSignature());
  }

  @Override
  public Set<JWSAlgorithm> supportedJWSAlgorithms() {
    return Set.of(JWSAlgorithm.EdDSA);
  }

  @Override
  public JCAContext getJCAContext() {
    return context;
  }
}
