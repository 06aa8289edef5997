package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// A measurement, run by `-Dcountersign.measure=<actions>`: decisions on the topic to executions on
/// the topic, target, broker and database in the same machine.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@EnabledIfSystemProperty(named = "countersign.measure", matches = "[0-9]+")
class ThroughputTest {

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @Test
  void decidedToExecuted() throws InterruptedException {
    int actions = Integer.getInteger("countersign.measure", 10_000);
    Wire wire = new Wire(bootstrapServers);
    try {
      for (int round = 1; round <= 3; round++) {
        List<ActionId> ids = new ArrayList<>();
        List<ObjectNode> decisions = new ArrayList<>();
        for (int i = 0; i < actions; i++) {
          ActionId id = new ActionId(UUID.randomUUID());
          ids.add(id);
          decisions.add(decision(id));
        }
        Set<String> ours = ids.stream().map(ActionId::toString).collect(Collectors.toSet());
        Duration cpuBefore = cpu();
        long before = System.nanoTime();
        for (int i = 0; i < actions; i++) {
          wire.post(ids.get(i), decisions.get(i));
        }
        Wire.await("all", () -> wire.total(Topics.EXECUTION, ours) >= actions);
        Duration cpu = cpu().minus(cpuBefore);
        double seconds = (System.nanoTime() - before) / 1e9;
        System.out.printf(
            "MEASURED round=%d actions=%d seconds=%.1f per-second=%.0f cpu-seconds=%.1f%n",
            round, actions, seconds, actions / seconds, cpu.toMillis() / 1e3);
        assertEquals(actions, wire.total(Topics.EXECUTION, ours));
      }
    } finally {
      wire.close();
    }
  }

  /// Of this process: the executor, the broker, the target and this client, not the database.
  private static Duration cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
  }

  private static ObjectNode decision(ActionId id) {
    ObjectNode params = JsonNodeFactory.instance.objectNode().put("amount", "1.00");
    Action action =
        new Action(new Agent("bench", null, null, null), new Tool("test", "many"), params);
    ObjectNode decision = JsonNodeFactory.instance.objectNode();
    decision.put("actionId", id.toString());
    decision.put("at", Instant.now().toString());
    decision.put("outcome", "approved");
    decision.put("basis", "policy");
    decision.put("actionDigest", action.digest(id).toString());
    decision.set("action", EventJson.tree(action));
    decision.put("grant", GrantSigner.ticketService().grant(id, action));
    return decision;
  }
}
