package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.demo.AgentPlatform;
import dev.countersign.events.ActionId;
import dev.countersign.flow.WholeSystem.Running;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Invariant 3 and attack 13: partitions change hands while executions are under way, as executors
/// come, die and go.
@ExtendWith(WholeSystem.class)
class RebalanceTest {

  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final int EACH = 100;
  private static final int MOST = 2_000;

  @Test
  void whateverExecutorsComeAndGoNothingRunsTwiceAndEverythingEndsOnce(Running running)
      throws Exception {
    int before = instances(running);
    List<ActionId> approved = new ArrayList<>();
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      propose(platform, approved);
      int first = instances(running);
      try (SecondInstance second = SecondInstance.start(running, "executor")) {
        do {
          propose(platform, approved);
        } while (instances(running) == first && approved.size() < MOST);
        second.kill();
      }
      propose(platform, approved);
      try (SecondInstance second = SecondInstance.start(running, "executor")) {
        running.system().kill("executor");
        propose(platform, approved);
        running.system().awaitReady("executor");
        propose(platform, approved);
        second.stop();
      }
      propose(platform, approved);
      Ended.once(running, platform, approved, PATIENCE)
          .forEach((status, ids) -> System.out.printf("%s: %d%n", status, ids.size()));
      assertTrue(
          instances(running) >= before + 3, "the first, its successor and a second took part");
    }
  }

  private static void propose(AgentPlatform platform, List<ActionId> approved) {
    for (int i = 0; i < EACH; i++) {
      Load.Case each = Load.deletion();
      platform.propose(each.id(), each.proposal());
      approved.add(each.id());
    }
  }

  /// How many runs of an executor have begun something, ever.
  private static int instances(Running running) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://" + running.system().database(),
                "executor",
                running.system().databasePassword("executor"));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(distinct instance) from execution")) {
      row.next();
      return row.getInt(1);
    }
  }
}
