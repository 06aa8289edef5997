package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Topics;
import dev.countersign.gateway.TokenIssuer;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.util.UUID;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Who an agent is over MCP is what its credential says, as over REST, whatever its client calls
/// itself.
@NullMarked
@QuarkusTest
@TestProfile(AgentsTest.Named.class)
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = TokenIssuer.class, scope = TestResourceScope.MATCHING_RESOURCES)
class McpAgentsTest {

  @TestHTTPResource("/")
  URI base = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  private Door nobody = Door.of(base);
  private Door billing = nobody;
  private Door payroll = nobody;

  @BeforeEach
  void keys() throws Exception {
    nobody = Door.of(base);
    billing = nobody.as(nobody.key("{\"agent\": \"billing-bot\"}").path("key").textValue());
    payroll = nobody.as(nobody.key("{\"agent\": \"payroll-bot\"}").path("key").textValue());
  }

  private static JsonNode call(Door door, String tool, String arguments) throws Exception {
    Door.Answer answer =
        door.post(
            "/mcp",
            """
            {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
             "params": {"name": "%s", "arguments": %s}}\
            """
                .formatted(tool, arguments));
    assertEquals(200, answer.status(), answer::toString);
    return answer.body().path("result");
  }

  private static String request(ActionId id) {
    return """
    {"toolset": "payments", "tool": "wire_transfer", "idempotency_key": "%s",
     "parameters": {"amount": "250.00", "currency": "EUR"}}\
    """
        .formatted(id);
  }

  @Test
  void anAgentIsItsCredentialAndKnowsOfItsOwnActionsAlone() throws Exception {
    ActionId id = new ActionId(UUID.randomUUID());
    JsonNode filed = call(billing, "request_approval", request(id)).path("structuredContent");
    assertEquals(id.toString(), filed.path("action_id").asText(), filed.toString());
    ActionProposed published =
        ActionProposed.read(wire.about(id, Topics.ACTION_PROPOSED, 1).getFirst().value());
    assertEquals("billing-bot", published.agent().id());

    String theId = "{\"action_id\": \"" + id + "\"}";
    for (String tool : new String[] {"check_approval", "cancel_approval"}) {
      JsonNode strange = call(payroll, tool, theId);
      assertTrue(strange.path("isError").asBoolean(), strange.toString());
      assertEquals("no-such-action", strange.at("/structuredContent/reason/code").asText());
    }
    JsonNode own = call(billing, "check_approval", theId).path("structuredContent");
    assertEquals("received", own.path("status").asText());
    assertTrue(own.path("cancel_asked_at").isMissingNode(), "by nobody else");
  }

  @Test
  void aToolsetThatTheCredentialIsNotGoodForIsRefused() throws Exception {
    Door crm =
        nobody.as(
            nobody
                .key("{\"agent\": \"crm-bot\", \"toolsets\": [\"crm\"]}")
                .path("key")
                .textValue());
    JsonNode refused = call(crm, "request_approval", request(new ActionId(UUID.randomUUID())));
    assertTrue(refused.path("isError").asBoolean(), refused.toString());
    assertEquals("refused", refused.at("/structuredContent/status").asText());
    assertEquals("not-your-toolset", refused.at("/structuredContent/reason/code").asText());
  }
}
