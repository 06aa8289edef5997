package dev.countersign.verifier;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Canonical;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.tlog.Hash;
import java.util.Base64;

/// An attestation's leaf: the body of a Rekor v2 entry `hashedrekord` 0.0.2. It holds nothing of
/// the attestation but a digest and the signature, so that it stays when a person is erased.
public final class HashedRekord {

  static final String KIND = "hashedrekord";
  static final String VERSION = "0.0.2";

  private HashedRekord() {}

  /// The leaf in RFC 8785 form. What is digested is what was signed: the envelope's PAE.
  ///
  /// @param spki the public key of the signature, as [KeySet#findAttestationKey] gives it
  public static byte[] leaf(DsseEnvelope attestation, byte[] spki) {
    Base64.Encoder base64 = Base64.getEncoder();
    byte[] digest =
        Hash.sha256().digest(DsseEnvelope.pae(attestation.payloadType(), attestation.body()));
    ObjectNode leaf =
        JsonNodeFactory.instance.objectNode().put("apiVersion", VERSION).put("kind", KIND);
    ObjectNode record = leaf.putObject("spec").putObject("hashedRekordV002");
    record
        .putObject("data")
        .put("algorithm", "SHA2_256")
        .put("digest", base64.encodeToString(digest));
    ObjectNode signature = record.putObject("signature");
    signature.put("content", attestation.signatures().getFirst().sig());
    signature
        .putObject("verifier")
        .put("keyDetails", "PKIX_ECDSA_P256_SHA_256")
        .putObject("publicKey")
        .put("rawBytes", base64.encodeToString(spki));
    return Canonical.bytes(leaf);
  }
}
