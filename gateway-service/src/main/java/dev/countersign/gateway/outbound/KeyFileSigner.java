package dev.countersign.gateway.outbound;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import dev.countersign.events.ActionProposed;
import dev.countersign.gateway.application.ProposalSigner;
import dev.countersign.verifier.EcdsaByBouncyCastle;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Signs ES256 (RFC 7518 §3.4) by the P-256 key in PKCS#8 PEM (RFC 7468 §10) that
/// `countersign.proposals.signing-key` names, under `countersign.proposals.signing-kid`. It is read
/// when the service starts, and must be good then.
@Startup
@ApplicationScoped
class KeyFileSigner implements ProposalSigner {

  static {
    EcdsaByBouncyCastle.prefer();
  }

  private static final JOSEObjectType TYPE = new JOSEObjectType(ActionProposed.SIGNATURE_TYPE);

  private final JWSHeader header;
  private final @Nullable JWSSigner signer;

  @Inject
  KeyFileSigner(
      @ConfigProperty(name = "countersign.proposals.signing-key") Optional<Path> file,
      @ConfigProperty(name = "countersign.proposals.signing-kid", defaultValue = "gateway")
          String kid) {
    this.header = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(kid).type(TYPE).build();
    this.signer = file.isPresent() ? signer(file.get()) : null;
  }

  private static JWSSigner signer(Path file) {
    try {
      String pem =
          Files.readString(file).replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "").strip();
      byte[] pkcs8 = Base64.getMimeDecoder().decode(pem);
      JWSSigner signer =
          new ECDSASigner(
              (ECPrivateKey)
                  KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
      if (!signer.supportedJWSAlgorithms().contains(JWSAlgorithm.ES256)) {
        throw new IllegalArgumentException("its curve is not P-256");
      }
      return signer;
    } catch (IOException | GeneralSecurityException | JOSEException | RuntimeException e) {
      throw new IllegalStateException(
          "countersign.proposals.signing-key names "
              + file
              + ", which holds no P-256 key in PKCS#8 PEM; make one with `openssl genpkey -algorithm EC"
              + " -pkeyopt ec_paramgen_curve:P-256`",
          e);
    }
  }

  @Override
  public boolean present() {
    return signer != null;
  }

  @Override
  public String sign(byte[] data) {
    if (signer == null) {
      throw new IllegalStateException("the gateway was given no key");
    }
    try {
      JWSObject signed = new JWSObject(header, new Payload(data));
      signed.sign(signer);
      return signed.serialize(true);
    } catch (JOSEException e) {
      throw new IllegalStateException("a proposal can't be signed", e);
    }
  }
}
