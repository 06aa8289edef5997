package dev.countersign.policy.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import dev.countersign.config.BadFile;
import dev.countersign.config.BadValue;
import dev.countersign.config.OperatorFile;
import dev.countersign.events.ActionProposed;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Rejected;
import dev.countersign.policy.application.ProposalSignatures;
import dev.countersign.policy.domain.Signer;
import dev.countersign.verifier.EcdsaByBouncyCastle;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Who may sign proposals, from the file that `countersign.proposals.signers` names; without it
/// nobody has to. Read again when it changes: who is taken out signs no more. It must be good when
/// the service starts, for what would hold without it nobody has asked for.
///
/// A signature is a JWS with detached payload (RFC 7515 appendix F) over the event's `data` as it
/// was sent, in the CloudEvents extension attribute `signature`: ES256 by P-256, RS256 or PS256 by
/// RSA of 2,048 bits and more (RFC 7518 §3.3 to §3.5), `typ` as {@link
/// ActionProposed#SIGNATURE_TYPE} says.
@Startup
@ApplicationScoped
class SignersFile implements ProposalSignatures {

  private static final Logger LOG = Logger.getLogger(SignersFile.class);
  private static final String PROPERTY = "countersign.proposals.signers";
  private static final String SCHEMA = "schema/signers.schema.json";
  private static final int SMALLEST_RSA = 2_048;
  private static final Set<JWSAlgorithm> OF_RSA = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256);

  static {
    EcdsaByBouncyCastle.prefer();
  }

  private record Key(Signer signer, JWSVerifier verifier, Set<JWSAlgorithm> algorithms) {}

  private final @Nullable String path;
  private @Nullable OperatorFile<Map<String, Key>> file;

  @Inject
  SignersFile(Config config) {
    // Raw: that it is there and empty must not be taken for its not being there.
    this.path = config.getConfigValue(PROPERTY).getRawValue();
  }

  @PostConstruct
  void open() {
    if (path == null) {
      return;
    }
    if (path.isBlank()) {
      throw new IllegalStateException(PROPERTY + " is empty; name a file, or take it out");
    }
    try {
      file = OperatorFile.open(Path.of(path), SCHEMA, SignersFile::read);
    } catch (BadFile e) {
      throw new IllegalStateException(PROPERTY + " can't be put into force: " + e.problem(), e);
    }
    LOG.infof("proposals must be signed signers=%s", path);
  }

  @PreDestroy
  void close() {
    if (file != null) {
      file.close();
    }
  }

  @Override
  public boolean required() {
    return file != null;
  }

  @Override
  public Optional<String> problem() {
    return file == null ? Optional.empty() : file.problem();
  }

  @Override
  public Signer of(Envelope envelope) throws Rejected {
    OperatorFile<Map<String, Key>> signers = file;
    if (signers == null) {
      return Signer.OF_ALL;
    }
    String signature = envelope.signature();
    if (signature == null) {
      throw new Rejected(
          "unsigned",
          "proposals must be signed here; put a detached JWS over the data into the attribute"
              + " `signature` (docs/agents.md)");
    }
    return signer(signers.loaded().value(), signature, envelope.data());
  }

  private static Signer signer(Map<String, Key> keys, String signature, byte[] data)
      throws Rejected {
    try {
      JWSObject signed = JWSObject.parse(signature, new Payload(data));
      Key key = keys.get(String.valueOf(signed.getHeader().getKeyID()));
      if (key == null) {
        throw refused("its kid is nobody's whom the operator has named");
      }
      if (signed.getHeader().getType() == null
          || !ActionProposed.SIGNATURE_TYPE.equals(signed.getHeader().getType().getType())) {
        throw refused("its typ must be " + ActionProposed.SIGNATURE_TYPE);
      }
      if (!key.algorithms.contains(signed.getHeader().getAlgorithm())) {
        throw refused("its alg is none that goes with this key");
      }
      if (!signed.verify(key.verifier)) {
        throw refused("it is not over these bytes by this key");
      }
      return key.signer;
    } catch (ParseException | IllegalArgumentException e) {
      throw refused("it is no JWS with detached payload: " + e.getMessage());
    } catch (JOSEException e) {
      throw refused("it can't be verified: " + e.getMessage());
    }
  }

  private static Rejected refused(String why) {
    return new Rejected("signature", "the signature is not good here: " + why);
  }

  private static Map<String, Key> read(JsonNode said) {
    Map<String, Key> keys = new HashMap<>();
    for (int n = 0; n < said.path("signers").size(); n++) {
      JsonNode each = said.path("signers").get(n);
      String at = "/signers/" + n;
      Key key = key(new Signer(each.path("platform").textValue()), each, at + "/key");
      if (keys.put(each.path("kid").asText(), key) != null) {
        throw new BadValue(at + "/kid", "two keys can't have one kid; give each its own");
      }
    }
    return Map.copyOf(keys);
  }

  private static Key key(Signer signer, JsonNode said, String at) {
    try {
      PublicKey key = publicKey(said.path("key").asText());
      if (key instanceof ECPublicKey ec
          && Curve.P_256.equals(Curve.forECParameterSpec(ec.getParams()))) {
        return new Key(signer, new ECDSAVerifier(ec), Set.of(JWSAlgorithm.ES256));
      }
      if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= SMALLEST_RSA) {
        return new Key(signer, new RSASSAVerifier(rsa), OF_RSA);
      }
    } catch (GeneralSecurityException | IllegalArgumentException | JOSEException e) {
      throw new BadValue(at, "no public key in PEM (RFC 7468 §13): " + e.getMessage());
    }
    throw new BadValue(at, "name a P-256 key, or an RSA key of 2,048 bits or more");
  }

  private static PublicKey publicKey(String pem) throws GeneralSecurityException {
    byte[] spki =
        Base64.getMimeDecoder()
            .decode(pem.replaceAll("-----(BEGIN|END) PUBLIC KEY-----", "").strip());
    X509EncodedKeySpec spec = new X509EncodedKeySpec(spki);
    try {
      return KeyFactory.getInstance("EC").generatePublic(spec);
    } catch (GeneralSecurityException _) {
      // Then it is an RSA key, or none.
      return KeyFactory.getInstance("RSA").generatePublic(spec);
    }
  }
}
