package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Statement;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The ticket service's part: a key set over HTTP, and what is signed with its key.
public final class TestTicketKeys implements QuarkusTestResourceLifecycleManager {

  /// The private keys, of attestations and of grants, for tests: they live behind another class
  /// loader.
  public static final String KEY = "countersign.test.attestation-key";

  private static final String KID = "attestation-key";
  private static final String GRANT_KID = "grant-key";

  private @Nullable HttpServer server;

  @Override
  public Map<String, String> start() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      KeyPair grants = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      byte[] jwks = EventJson.write(jwks((ECPublicKey) pair.getPublic(), grants.getPublic()));
      HttpServer started =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      started.createContext(
          "/.well-known/jwks.json",
          exchange -> {
            exchange.sendResponseHeaders(200, jwks.length);
            exchange.getResponseBody().write(jwks);
            exchange.close();
          });
      started.start();
      server = started;
      return Map.of(
          "countersign.attestation.jwks",
          "http://127.0.0.1:" + started.getAddress().getPort() + "/.well-known/jwks.json",
          KEY,
          base64(pair) + "." + base64(grants));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(KeyPair pair) {
    return Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded());
  }

  private static PrivateKey privateKey(String key, int part, String algorithm)
      throws GeneralSecurityException {
    byte[] pkcs8 = Base64.getDecoder().decode(List.of(key.split("\\.", -1)).get(part));
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  private static ObjectNode jwks(ECPublicKey key, PublicKey grants) {
    ObjectNode jwks = JsonNodeFactory.instance.objectNode();
    byte[] spki = grants.getEncoded();
    ObjectNode grant = jwks.putArray("keys").addObject();
    grant.put("kty", "OKP").put("crv", "Ed25519").put("kid", GRANT_KID).put("role", "grant");
    grant.put("x", url(Arrays.copyOfRange(spki, spki.length - 32, spki.length)));
    ObjectNode jwk = jwks.withArray("keys").addObject();
    jwk.put("kty", "EC").put("crv", "P-256").put("use", "sig").put("alg", "ES256");
    jwk.put("kid", KID).put("role", "attestation");
    jwk.put("x", coordinate(key.getW().getAffineX()));
    jwk.put("y", coordinate(key.getW().getAffineY()));
    jwk.putObject("validFor").put("from", "2026-01-01T00:00:00Z");
    return jwks;
  }

  private static String coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] plain = new byte[32];
    int skip = Math.max(0, bytes.length - 32);
    System.arraycopy(bytes, skip, plain, 32 - (bytes.length - skip), bytes.length - skip);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(plain);
  }

  /// A statement as the ticket service signs it.
  ///
  /// @param key what [#KEY] says
  public static DsseEnvelope sign(String key, Statement statement) {
    byte[] body = EventJson.write(statement);
    try {
      Signature es256 = Signature.getInstance("SHA256withECDSA");
      es256.initSign(privateKey(key, 0, "EC"));
      es256.update(DsseEnvelope.pae(DsseEnvelope.IN_TOTO, body));
      return DsseEnvelope.of(DsseEnvelope.IN_TOTO, body, KID, es256.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A grant as the ticket service signs it.
  ///
  /// @param key what [#KEY] says
  public static String grant(String key, ObjectNode claims) {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    header.put("alg", "EdDSA").put("typ", "countersign-grant+jwt").put("kid", GRANT_KID);
    String input = url(EventJson.write(header)) + "." + url(EventJson.write(claims));
    try {
      Signature ed25519 = Signature.getInstance("Ed25519");
      ed25519.initSign(privateKey(key, 1, "Ed25519"));
      ed25519.update(input.getBytes(StandardCharsets.US_ASCII));
      return input + "." + url(ed25519.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public void stop() {
    if (server != null) {
      server.stop(0);
    }
  }
}
