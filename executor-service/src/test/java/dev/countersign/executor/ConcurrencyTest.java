package dev.countersign.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/// What waits for a place is run as soon as there is one, and not at the next look around: here
/// there is none.
@QuarkusTest
@TestProfile(ConcurrencyTest.Unpolled.class)
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
class ConcurrencyTest {

  /// The executor never looks around by itself.
  public static final class Unpolled implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("countersign.executor.poll", "P1D");
    }
  }

  private static final int ACTIONS = 20;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @Test
  void aFullToolIsNotForgottenThoughOthersHaveRoom() throws InterruptedException {
    Set<ActionId> ids =
        Stream.generate(UUID::randomUUID)
            .limit(ACTIONS)
            .map(ActionId::new)
            .collect(Collectors.toSet());
    Set<String> ours = ids.stream().map(ActionId::toString).collect(Collectors.toSet());
    Wire wire = new Wire(bootstrapServers);
    try {
      ids.forEach(id -> wire.post(id, ExecutorTest.approved(id, ExecutorTest.action("test/one"))));
      Wire.await("all", () -> wire.total(Topics.EXECUTION, ours) >= ACTIONS);
      assertEquals(ACTIONS, wire.total(Topics.EXECUTION, ours));
    } finally {
      wire.close();
    }
  }
}
