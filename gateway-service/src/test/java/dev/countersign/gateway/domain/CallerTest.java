package dev.countersign.gateway.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Agent;
import dev.countersign.events.Tool;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a proven name is good for.
@NullMarked
class CallerTest {

  private static final Tool PAY = new Tool("payments", "wire_transfer");
  private static final Caller BILLING = new Caller.Known("billing-bot", null, null);
  private static final Caller OF_ACME =
      new Caller.Known("billing-bot", "acme", Set.of("crm", "payments"));

  private static Agent agent(String id, @Nullable String platform) {
    return new Agent(id, platform, "run-1", null);
  }

  private static Optional<String> code(Caller caller, Agent agent, Tool tool) {
    return caller.objection(agent, tool).map(Caller.Objection::code);
  }

  @Test
  void anAgentIsItselfAndNobodyElse() {
    assertEquals(Optional.empty(), code(BILLING, agent("billing-bot", "any"), PAY));
    assertEquals(Optional.of("not-your-agent"), code(BILLING, agent("payroll-bot", null), PAY));
  }

  @Test
  void aCredentialOfAPlatformIsGoodForThatPlatform() {
    assertEquals(Optional.empty(), code(OF_ACME, agent("billing-bot", "acme"), PAY));
    assertEquals(Optional.of("not-your-platform"), code(OF_ACME, agent("billing-bot", null), PAY));
  }

  @Test
  void aCredentialOfToolsetsIsGoodForThose() {
    Tool elsewhere = new Tool("servers", "restart");
    assertEquals(
        Optional.of("not-your-toolset"), code(OF_ACME, agent("billing-bot", "acme"), elsewhere));
    Caller none = new Caller.Known("billing-bot", null, Set.of());
    assertEquals(Optional.of("not-your-toolset"), code(none, agent("billing-bot", null), PAY));
  }

  @Test
  void anAgentSeesItsOwnAndNothingWhoseOriginIsNotKnown() {
    assertTrue(BILLING.maySee(Origin.of(agent("billing-bot", "acme"), PAY)));
    assertFalse(BILLING.maySee(Origin.of(agent("payroll-bot", null), PAY)));
    assertFalse(BILLING.maySee(null));
    assertTrue(OF_ACME.maySee(Origin.of(agent("billing-bot", "acme"), PAY)));
    assertFalse(OF_ACME.maySee(Origin.of(agent("billing-bot", null), PAY)));
    Tool elsewhere = new Tool("servers", "restart");
    assertFalse(OF_ACME.maySee(Origin.of(agent("billing-bot", "acme"), elsewhere)));
  }

  @Test
  void aKeySaysNothingWhereItIsPrinted() {
    AgentKey key = AgentKey.of(new byte[AgentKey.RANDOM_BYTES]);
    assertEquals("csk_" + "A".repeat(43), key.text());
    assertFalse(key.toString().contains("AAAA"));
    assertEquals(12, key.id().length());
    assertTrue(key.hash().startsWith(key.id()));
  }
}
