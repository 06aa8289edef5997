package dev.countersign.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;

/// A passkey in software, together with the browser around it: what a person's phone is to the demo
/// and to tests. It speaks the JSON of W3C WebAuthn Level 3 §5.1 (`toJSON`), signs ES256, and can
/// be made to do each thing that an honest one never does.
///
/// The copies that [#at], [#forRpId], [#unverified] and [#counting] give are the same passkey
/// behaving differently.
public final class SoftwarePasskey {

  private static final int USER_PRESENT = 0x01;
  private static final int USER_VERIFIED = 0x04;
  private static final int CREDENTIAL_INCLUDED = 0x40;
  private static final int COORDINATE = 32;

  private final KeyPair keys;
  private final byte[] id;
  private final URI origin;
  private final String rpId;
  private final int flags;
  private final AtomicLong counter;

  private SoftwarePasskey(
      KeyPair keys, byte[] id, URI origin, String rpId, int flags, AtomicLong counter) {
    this.keys = keys;
    this.id = id;
    this.origin = origin;
    this.rpId = rpId;
    this.flags = flags;
    this.counter = counter;
  }

  /// A new one, in a browser that shows a page of this origin; its relying party is the host.
  public static SoftwarePasskey create(URI origin) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      byte[] id = new byte[16];
      new SecureRandom().nextBytes(id);
      return new SoftwarePasskey(
          generator.generateKeyPair(),
          id,
          origin,
          origin.getHost(),
          USER_PRESENT | USER_VERIFIED,
          new AtomicLong());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }

  /// In a page of another origin.
  public SoftwarePasskey at(URI other) {
    return new SoftwarePasskey(keys, id, other, rpId, flags, counter);
  }

  /// For another relying party.
  public SoftwarePasskey forRpId(String other) {
    return new SoftwarePasskey(keys, id, origin, other, flags, counter);
  }

  /// Touched by somebody, whoever it was: without a finger, face or PIN that it knows.
  public SoftwarePasskey unverified() {
    return new SoftwarePasskey(keys, id, origin, rpId, flags & ~USER_VERIFIED, counter);
  }

  /// With a counter of its own, as a copy has; the next signature counts this.
  public SoftwarePasskey counting(long next) {
    return new SoftwarePasskey(keys, id, origin, rpId, flags, new AtomicLong(next - 1));
  }

  /// The credential id, as base64url.
  public String id() {
    return base64(id);
  }

  /// What `navigator.credentials.create` gives for these options; attestation `none`.
  public JsonNode register(JsonNode publicKey) {
    byte[] client = clientData("webauthn.create", publicKey.path("challenge").textValue());
    byte[] data =
        authenticatorData(
            CREDENTIAL_INCLUDED,
            new byte[16],
            ByteBuffer.allocate(2).putShort((short) id.length).array(),
            id,
            coseKey());
    ObjectNode response = JsonLines.JSON.createObjectNode();
    response.put("clientDataJSON", base64(client));
    response.put("attestationObject", base64(attestationObject(data)));
    return credential(response);
  }

  /// What `navigator.credentials.get` gives for these options; it counts one up.
  public JsonNode sign(JsonNode publicKey) {
    return sign(publicKey.path("challenge").textValue());
  }

  /// What it gives for this challenge, base64url, whoever asked for it.
  public JsonNode sign(String challenge) {
    byte[] client = clientData("webauthn.get", challenge);
    byte[] data = authenticatorData(0);
    ObjectNode response = JsonLines.JSON.createObjectNode();
    response.put("clientDataJSON", base64(client));
    response.put("authenticatorData", base64(data));
    response.put("signature", base64(signature(data, client)));
    return credential(response);
  }

  /// Everything there is to it, its private key too, for [#of].
  public JsonNode toJson() {
    return JsonLines.JSON
        .createObjectNode()
        .put("id", id())
        .put("origin", origin.toString())
        .put("rpId", rpId)
        .put("counter", counter.get())
        .put("publicKey", base64(keys.getPublic().getEncoded()))
        .put("privateKey", base64(keys.getPrivate().getEncoded()));
  }

  /// The passkey that [#toJson] wrote down.
  public static SoftwarePasskey of(JsonNode json) {
    try {
      KeyFactory factory = KeyFactory.getInstance("EC");
      return new SoftwarePasskey(
          new KeyPair(
              factory.generatePublic(new X509EncodedKeySpec(bytes(json, "publicKey"))),
              factory.generatePrivate(new PKCS8EncodedKeySpec(bytes(json, "privateKey")))),
          bytes(json, "id"),
          URI.create(json.path("origin").textValue()),
          json.path("rpId").textValue(),
          USER_PRESENT | USER_VERIFIED,
          new AtomicLong(json.path("counter").longValue()));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("that is no passkey of ours", e);
    }
  }

  private JsonNode credential(ObjectNode response) {
    ObjectNode credential = JsonLines.JSON.createObjectNode();
    credential.put("id", id());
    credential.put("rawId", id());
    credential.put("type", "public-key");
    credential.set("response", response);
    credential.putObject("clientExtensionResults");
    return credential;
  }

  private byte[] clientData(String type, String challenge) {
    return JsonLines.JSON
        .createObjectNode()
        .put("type", type)
        .put("challenge", challenge)
        .put("origin", origin.toString())
        .put("crossOrigin", false)
        .toString()
        .getBytes(UTF_8);
  }

  /// WebAuthn §6.1.
  private byte[] authenticatorData(int moreFlags, byte[]... credential) {
    byte[] counted = ByteBuffer.allocate(4).putInt((int) counter.incrementAndGet()).array();
    return join(
        sha256(rpId.getBytes(UTF_8)),
        new byte[] {(byte) (flags | moreFlags)},
        counted,
        join(credential));
  }

  /// WebAuthn §6.3.3: over the authenticator data and the hash of the client data.
  private byte[] signature(byte[] data, byte[] client) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(keys.getPrivate());
      signature.update(data);
      signature.update(sha256(client));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has ES256", e);
    }
  }

  /// RFC 9053 §7.1.1: key type 2 (EC2), algorithm −7 (ES256), curve 1 (P-256), x, y.
  private byte[] coseKey() {
    ECPublicKey key = (ECPublicKey) keys.getPublic();
    return join(
        new byte[] {(byte) 0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, COORDINATE},
        coordinate(key.getW().getAffineX()),
        new byte[] {0x22, 0x58, COORDINATE},
        coordinate(key.getW().getAffineY()));
  }

  private static byte[] coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[COORDINATE];
    int length = Math.min(bytes.length, COORDINATE);
    System.arraycopy(bytes, bytes.length - length, fixed, COORDINATE - length, length);
    return fixed;
  }

  /// CBOR (RFC 8949) of `{"fmt": "none", "attStmt": {}, "authData": data}`.
  private static byte[] attestationObject(byte[] data) {
    return join(
        new byte[] {(byte) 0xA3},
        text("fmt"),
        text("none"),
        text("attStmt"),
        new byte[] {(byte) 0xA0},
        text("authData"),
        new byte[] {0x58, (byte) data.length},
        data);
  }

  private static byte[] text(String text) {
    return join(new byte[] {(byte) (0x60 | text.length())}, text.getBytes(US_ASCII));
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] bytes(JsonNode json, String member) {
    return Base64.getUrlDecoder().decode(json.path(member).textValue());
  }
}
