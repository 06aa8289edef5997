package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.demo.AgentPlatform;
import dev.countersign.events.ActionId;
import dev.countersign.flow.WholeSystem.Running;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Invariant 3 and attack 13: partitions change hands while executions are under way, as executors
/// come, die and go.
@ExtendWith(WholeSystem.class)
class RebalanceTest {

  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
  private static final int EACH = 50;
  private static final int A_FEW = 5;

  @Test
  void whateverExecutorsComeAndGoNothingRunsTwiceAndEverythingEndsOnce(Running running)
      throws Exception {
    List<ActionId> approved = new ArrayList<>();
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      propose(EACH, platform, approved);
      proposeUntil("not even the first", 1, running, platform, approved);
      try (SecondInstance second = SecondInstance.start(running, "executor")) {
        propose(EACH, platform, approved);
        proposeUntil("no second", 2, running, platform, approved);
        second.kill();
      }
      propose(EACH, platform, approved);
      try (SecondInstance second = SecondInstance.start(running, "executor")) {
        running.system().kill("executor");
        propose(EACH, platform, approved);
        running.system().awaitReady("executor");
        propose(EACH, platform, approved);
        proposeUntil("neither its successor nor another", 3, running, platform, approved);
        second.stop();
      }
      propose(EACH, platform, approved);
      Ended.once(running, platform, approved, PATIENCE)
          .forEach((status, ids) -> System.out.printf("%s: %d%n", status, ids.size()));
    }
  }

  private static void propose(int count, AgentPlatform platform, List<ActionId> approved) {
    for (int i = 0; i < count; i++) {
      Load.Case each = Load.deletion();
      platform.propose(each.id(), each.proposal());
      approved.add(each.id());
    }
  }

  /// Until so many runs of an executor have taken part: what is already under way may be all the
  /// others'.
  private static void proposeUntil(
      String who, int runs, Running running, AgentPlatform platform, List<ActionId> approved)
      throws SQLException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (instances(running, approved) < runs) {
      assertTrue(System.nanoTime() < end, () -> who + " took part");
      propose(A_FEW, platform, approved);
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  /// How many runs of an executor have begun any of these.
  private static int instances(Running running, List<ActionId> approved) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://" + running.system().database(),
                "executor",
                running.system().databasePassword("executor"));
        PreparedStatement statement =
            connection.prepareStatement(
                "select count(distinct instance) from execution where action_id = any (?)")) {
      statement.setArray(
          1, connection.createArrayOf("uuid", approved.stream().map(ActionId::value).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }
}
