package dev.countersign.testservers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Topics;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class ServersTest {

  @Test
  void eachRoleLogsInAndEveryTopicStands() throws Exception {
    var servers = new Servers();
    Map<String, String> config = servers.start();
    try {
      for (String role : List.of("gateway", "policy", "ticket", "notifier", "executor", "audit")) {
        String url = "jdbc:postgresql://" + config.get("countersign.db");
        try (Connection connection =
            DriverManager.getConnection(url, role, config.get("countersign.db.password"))) {
          assertEquals(role, connection.getSchema());
        }
      }
      Map<String, Object> settings =
          Map.of("bootstrap.servers", config.getOrDefault("kafka.bootstrap.servers", ""));
      try (Admin admin = Admin.create(settings)) {
        Set<String> topics = new HashSet<>(admin.listTopics().names().get());
        assertTrue(topics.containsAll(Topics.ALL), topics.toString());
      }
    } finally {
      servers.stop();
    }
  }
}
