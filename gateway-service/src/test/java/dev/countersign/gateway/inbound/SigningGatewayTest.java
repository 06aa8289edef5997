package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.gateway.Samples;
import dev.countersign.gateway.SigningKey;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// What the gateway signs it has held against a credential, the platform included.
@NullMarked
@QuarkusTest
@TestProfile(SigningGatewayTest.Signing.class)
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class SigningGatewayTest {

  /// With a key to sign with.
  public static final class Signing implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "countersign.agents.required",
          "true",
          "countersign.operator.secret",
          Door.OPERATOR,
          "countersign.proposals.signing-key",
          SigningKey.make().toString());
    }
  }

  @TestHTTPResource("/")
  URI base;

  @ConfigProperty(name = "countersign.proposals.signing-key")
  Path signingKey;

  Wire wire;

  private Door door(String credential) throws Exception {
    Door nobody = Door.of(base);
    return nobody.as(nobody.key(credential).path("key").textValue());
  }

  @Test
  void whatTheGatewayProposesIsSignedWithTheAgentsPlatform() throws Exception {
    Samples sample = Samples.fresh();
    Door agent = door("{\"agent\": \"billing-bot\", \"platform\": \"acme-agents\"}");
    assertEquals(202, agent.post("/v1/actions", sample.json()).status());
    String id = sample.actionId().toString();
    wire.await("the proposal", () -> !wire.under(id, Topics.ACTION_PROPOSED).isEmpty());
    var record = wire.under(id, Topics.ACTION_PROPOSED).getFirst();
    String signature = String.valueOf(Wire.header(record, "ce_signature"));
    String header = SigningKey.verified(signingKey, signature, record.value());
    assertTrue(header.contains("\"typ\":\"countersign-proposal+jws\""), header);
    assertEquals(
        "acme-agents",
        EventJson.readTree(record.value()).path("agent").path("platform").textValue());
  }

  @Test
  void whoseCredentialNamesNoPlatformProposesNothing() throws Exception {
    Door.Answer answer =
        door("{\"agent\": \"billing-bot\"}").post("/v1/actions", Samples.fresh().json());
    assertEquals(401, answer.status(), answer::toString);
    assertTrue(answer.toString().contains("use a credential that names it"), answer::toString);
  }
}
