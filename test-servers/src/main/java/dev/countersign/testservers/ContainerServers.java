package dev.countersign.testservers;

import dev.countersign.launcher.DatabaseRoles;
import dev.countersign.launcher.KafkaTopics;
import java.util.Map;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/// The broker and the database as containers.
record ContainerServers(KafkaContainer kafka, PostgreSQLContainer postgres)
    implements Servers.Pair {

  static ContainerServers start(Map<String, String> passwords) {
    var postgres = new PostgreSQLContainer(DockerImageName.parse("postgres:18"));
    var kafka =
        new KafkaContainer(DockerImageName.parse("apache/kafka:4.2.1"))
            .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0");
    postgres.start();
    kafka.start();
    var servers = new ContainerServers(kafka, postgres);
    DatabaseRoles.create(
        servers.server(), postgres.getUsername(), postgres.getPassword(), passwords);
    KafkaTopics.createMissing(kafka.getBootstrapServers());
    return servers;
  }

  private String server() {
    return postgres.getHost() + ":" + postgres.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT);
  }

  @Override
  public String bootstrapServers() {
    return kafka.getBootstrapServers();
  }

  @Override
  public String database() {
    return server() + "/" + DatabaseRoles.DATABASE;
  }

  @Override
  public void close() {
    kafka.stop();
    postgres.stop();
  }
}
