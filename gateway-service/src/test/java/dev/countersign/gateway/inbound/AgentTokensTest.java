package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.countersign.gateway.Samples;
import dev.countersign.gateway.TokenIssuer;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Access tokens of an issuer that nobody here wrote, and what only looks like one.
@NullMarked
@QuarkusTest
@TestProfile(AgentsTest.Named.class)
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = TokenIssuer.class, scope = TestResourceScope.MATCHING_RESOURCES)
class AgentTokensTest {

  @TestHTTPResource("/")
  URI base = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  TokenIssuer.Tokens issuer;

  private Door nobody = Door.of(base);

  @BeforeEach
  void door() {
    issuer.need();
    nobody = Door.of(base);
  }

  @Test
  void aTokenOfTheIssuerIsTheAgentThatItNames() throws Exception {
    Door agent = nobody.as(issuer.token("billing-bot", TokenIssuer.AUDIENCE));
    Samples sample = Samples.fresh();
    Door.Answer proposed = agent.post("/v1/actions", sample.json());
    assertEquals(202, proposed.status(), proposed::toString);
    Door other = nobody.as(issuer.token("payroll-bot", TokenIssuer.AUDIENCE));
    assertEquals("not-your-agent", other.post("/v1/actions", Samples.fresh().json()).problem());
    assertEquals(404, other.get("/v1/actions/" + sample.actionId()).status());
    assertEquals(404, other.post("/v1/actions/" + sample.actionId() + "/cancel", "{}").status());
    assertEquals(200, agent.get("/v1/actions/" + sample.actionId()).status());
    // A token and a key of one agent are the same agent.
    Door keyed = nobody.as(nobody.key("{\"agent\": \"billing-bot\"}").path("key").textValue());
    assertEquals(200, keyed.get("/v1/actions/" + sample.actionId()).status());
    // The token names toolsets.
    String elsewhere = Samples.fresh().json().replace("\"payments\"", "\"servers\"");
    assertEquals("not-your-toolset", agent.post("/v1/actions", elsewhere).problem());
  }

  @Test
  void aTokenForSomebodyElseOrOfAnotherTimeIsNone() throws Exception {
    AgentsTest.assertUnknown(
        nobody.as(issuer.token("billing-bot", "urn:another:service")).get("/v1/actions"));
    Door brief = nobody.as(issuer.token("billing-bot", "urn:countersign:short"));
    assertEquals(200, brief.get("/v1/actions").status());
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (brief.get("/v1/actions").status() == 200) {
      assertTrue(System.nanoTime() < end, "the token never ended");
    }
    AgentsTest.assertUnknown(brief.get("/v1/actions"));
  }

  @Test
  void aForgedTokenIsNone() throws Exception {
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer.issuer())
            .audience(TokenIssuer.AUDIENCE)
            .subject("billing-bot")
            .claim("client_id", "billing-bot")
            .claim("toolsets", List.of("payments"))
            .expirationTime(Date.from(Instant.now().plusSeconds(600)))
            .build();
    RSAKey known = JWKSet.load(URI.create(issuer.jwks()).toURL()).getKeys().getFirst().toRSAKey();
    RSAKey own = new RSAKeyGenerator(2048).keyID(known.getKeyID()).generate();
    JOSEObjectType type = new JOSEObjectType("at+jwt");
    SignedJWT forged =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).type(type).keyID(known.getKeyID()).build(),
            claims);
    forged.sign(new RSASSASigner(own));
    AgentsTest.assertUnknown(nobody.as(forged.serialize()).get("/v1/actions"));

    // With its own key in the header, which nobody asked for.
    SignedJWT carried =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).type(type).jwk(own.toPublicJWK()).build(),
            claims);
    carried.sign(new RSASSASigner(own));
    AgentsTest.assertUnknown(nobody.as(carried.serialize()).get("/v1/actions"));

    // With the public key as if it were a secret.
    SignedJWT confused =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).type(type).keyID(known.getKeyID()).build(),
            claims);
    confused.sign(new MACSigner(known.toRSAPublicKey().getEncoded()));
    AgentsTest.assertUnknown(nobody.as(confused.serialize()).get("/v1/actions"));

    AgentsTest.assertUnknown(nobody.as(new PlainJWT(claims).serialize()).get("/v1/actions"));

    // One byte of a good one.
    String good = issuer.token("billing-bot", TokenIssuer.AUDIENCE);
    String[] parts = good.split("\\.", -1);
    String payload =
        new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
            .replace("billing-bot", "billing-bos");
    String changed =
        parts[0]
            + "."
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(payload.getBytes(StandardCharsets.UTF_8))
            + "."
            + parts[2];
    AgentsTest.assertUnknown(nobody.as(changed).get("/v1/actions"));
  }
}
