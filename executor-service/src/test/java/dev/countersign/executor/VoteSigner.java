package dev.countersign.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Precondition;
import dev.countersign.events.Prompt;
import dev.countersign.events.Statement;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.jspecify.annotations.Nullable;

/// Attests votes as the ticket service does. The key is fixed, like that of {@link GrantSigner}.
final class VoteSigner {

  static final String KID = "test-attestation-key";
  private static final BigInteger SECRET = BigInteger.valueOf(20_261_126);
  private static final Digest POLICY = Digest.of(new byte[] {3});

  private VoteSigner() {}

  /// As the key set publishes it.
  static String jwk() {
    ECPoint point = CustomNamedCurves.getByName("P-256").getG().multiply(SECRET).normalize();
    ObjectNode jwk =
        JsonNodeFactory.instance
            .objectNode()
            .put("kty", "EC")
            .put("crv", "P-256")
            .put("use", "sig")
            .put("kid", KID)
            .put("role", "attestation")
            .put("x", base64(point.getAffineXCoord().getEncoded()))
            .put("y", base64(point.getAffineYCoord().getEncoded()));
    jwk.putObject("validFor").put("from", "2026-01-01T00:00:00Z");
    return jwk.toString();
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// An approval by code.
  static DsseEnvelope attestation(ActionId id, Digest digest, String approver, Instant at) {
    return attestation(id, digest, approver, at, List.of());
  }

  /// An approval by code of somebody who was shown this of the target.
  static DsseEnvelope attestation(
      ActionId id, Digest digest, String approver, Instant at, List<Precondition> preconditions) {
    return attestation(id, digest, approver, at, preconditions, null);
  }

  /// An approval by code of somebody who trusted the session with further actions.
  static DsseEnvelope trusting(ActionId id, Digest digest, String approver, Instant at) {
    return attestation(id, digest, approver, at, List.of(), Digest.of(new byte[] {4}));
  }

  private static DsseEnvelope attestation(
      ActionId id,
      Digest digest,
      String approver,
      Instant at,
      List<Precondition> preconditions,
      @Nullable Digest trust) {
    JsonNode prompt =
        EventJson.tree(
            new Prompt(
                    "Send EUR 48200.00",
                    "ACME GmbH",
                    "It can't be called back.",
                    List.of(new Prompt.Field("Amount", "48200.00", true)),
                    null,
                    List.of(),
                    List.of(),
                    null,
                    digest,
                    POLICY)
                .with(preconditions));
    Statement statement =
        Statement.of(
            digest,
            new Statement.Approval(
                id,
                Answer.APPROVE,
                approver,
                at,
                Assurance.CODE,
                prompt,
                Digest.of(Canonical.bytes(prompt)),
                POLICY,
                0,
                base64(new byte[32]),
                at.plusSeconds(3_600),
                trust,
                null,
                null));
    byte[] body = Canonical.bytes(EventJson.tree(statement));
    return DsseEnvelope.of(DsseEnvelope.IN_TOTO, body, KID, sign(body));
  }

  private static ECParameterSpec p256() throws GeneralSecurityException {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec("secp256r1"));
    return parameters.getParameterSpec(ECParameterSpec.class);
  }

  private static byte[] sign(byte[] body) {
    try {
      Signature es256 = Signature.getInstance("SHA256withECDSA");
      es256.initSign(
          KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(SECRET, p256())));
      es256.update(DsseEnvelope.pae(DsseEnvelope.IN_TOTO, body));
      return es256.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The same with one byte of its statement changed.
  static DsseEnvelope changed(DsseEnvelope attestation) {
    byte[] body = Arrays.copyOf(attestation.body(), attestation.body().length);
    body[body.length / 2] ^= 1;
    DsseEnvelope.Signature signature = attestation.signatures().getFirst();
    return DsseEnvelope.of(attestation.payloadType(), body, KID, signature.bytes());
  }
}
