package dev.countersign.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A DSSE v1 envelope (`envelope.md` of github.com/secure-systems-lab/dsse): a payload of a type,
/// and signatures over both. Binary members are base64 (RFC 4648 §4), with padding.
public record DsseEnvelope(String payloadType, String payload, List<Signature> signatures) {

  /// The type of a payload that is an in-toto statement.
  public static final String IN_TOTO = "application/vnd.in-toto+json";

  @SuppressWarnings("NullAway") // absent on the wire is empty
  public DsseEnvelope {
    signatures = signatures == null ? List.of() : List.copyOf(signatures);
  }

  /// @param keyid which key signed; a hint, which is not signed
  public record Signature(@Nullable String keyid, String sig) {

    /// The signature's bytes. Throws `IllegalArgumentException` where it is not plain base64.
    public byte[] bytes() {
      return decode(sig, "sig");
    }
  }

  /// The envelope of a payload with one signature.
  public static DsseEnvelope of(
      String payloadType, byte[] payload, String keyid, byte[] signature) {
    Base64.Encoder base64 = Base64.getEncoder();
    return new DsseEnvelope(
        payloadType,
        base64.encodeToString(payload),
        List.of(new Signature(keyid, base64.encodeToString(signature))));
  }

  /// The payload's bytes. Throws `IllegalArgumentException` where it is not plain base64.
  public byte[] body() {
    return decode(payload, "payload");
  }

  /// What is signed (`protocol.md`, PAE): `"DSSEv1" SP len(type) SP type SP len(body) SP body`,
  /// lengths in bytes as decimal numbers.
  public static byte[] pae(String payloadType, byte[] body) {
    byte[] type = payloadType.getBytes(UTF_8);
    ByteArrayOutputStream pae = new ByteArrayOutputStream(body.length + type.length + 24);
    pae.writeBytes(("DSSEv1 " + type.length + " ").getBytes(UTF_8));
    pae.writeBytes(type);
    pae.writeBytes((" " + body.length + " ").getBytes(UTF_8));
    pae.writeBytes(body);
    return pae.toByteArray();
  }

  private static byte[] decode(String base64, String member) {
    byte[] bytes = Base64.getDecoder().decode(base64);
    // Decoders forgive stray bits at the end: one signed thing would have several spellings.
    if (!Base64.getEncoder().encodeToString(bytes).equals(base64)) {
      throw new IllegalArgumentException(member + " is not plain base64");
    }
    return bytes;
  }
}
