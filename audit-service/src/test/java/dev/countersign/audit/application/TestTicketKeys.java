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
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The ticket service's part: a key set over HTTP, and what is signed with its key.
public final class TestTicketKeys implements QuarkusTestResourceLifecycleManager {

  /// The private key, for tests: they live behind another class loader.
  public static final String KEY = "countersign.test.attestation-key";

  private static final String KID = "attestation-key";

  private @Nullable HttpServer server;

  @Override
  public Map<String, String> start() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      byte[] jwks = EventJson.write(jwks((ECPublicKey) pair.getPublic()));
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
          Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode jwks(ECPublicKey key) {
    ObjectNode jwks = JsonNodeFactory.instance.objectNode();
    ObjectNode jwk = jwks.putArray("keys").addObject();
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
      es256.initSign(
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key))));
      es256.update(DsseEnvelope.pae(DsseEnvelope.IN_TOTO, body));
      return DsseEnvelope.of(DsseEnvelope.IN_TOTO, body, KID, es256.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void stop() {
    if (server != null) {
      server.stop(0);
    }
  }
}
