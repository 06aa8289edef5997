package dev.countersign.gateway.outbound;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.messaging.Unavailable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// An issuer that can't be asked.
class IssuerTokensTest {

  @Test
  void whileTheIssuerIsAwayNoTokenIsSaidToBeBad() throws Exception {
    HttpServer issuer =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(503, -1);
          exchange.close();
        });
    issuer.start();
    try {
      URI address = URI.create("http://127.0.0.1:" + issuer.getAddress().getPort() + "/jwks");
      IssuerTokens tokens =
          new IssuerTokens(
              Optional.of("urn:issuer"),
              Optional.of(address),
              Optional.of("urn:gateway"),
              List.of("RS256"),
              List.of("at+jwt"),
              "client_id",
              Optional.empty(),
              Optional.empty());
      String token = token();
      // More often than the issuer is asked.
      for (int time = 0; time < 5; time++) {
        assertThrows(Unavailable.class, () -> tokens.check(token).await().indefinitely());
      }
    } finally {
      issuer.stop(0);
    }
  }

  private static String token() throws Exception {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(new JOSEObjectType("at+jwt"))
                .keyID("1")
                .build(),
            new JWTClaimsSet.Builder()
                .issuer("urn:issuer")
                .audience("urn:gateway")
                .claim("client_id", "billing-bot")
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .build());
    token.sign(new RSASSASigner(new RSAKeyGenerator(2048).keyID("1").generate()));
    return token.serialize();
  }
}
