package dev.countersign.testservers;

import dev.countersign.launcher.EmbeddedKafka;
import dev.countersign.launcher.EmbeddedPostgres;
import dev.countersign.launcher.FreePorts;
import java.nio.file.Path;
import java.util.Map;

/// The broker in this JVM and the database as its child.
record LocalServers(EmbeddedKafka kafka, EmbeddedPostgres postgres) implements Servers.Pair {

  static LocalServers start(Path folder, Map<String, String> passwords) {
    var postgres =
        new EmbeddedPostgres(
            folder.resolve("postgres"), FreePorts.one(), LocalServers::keepProblems);
    // A test run that is interrupted runs no stop().
    Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "stop-postgres"));
    postgres.start();
    postgres.createRoles(passwords);
    EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"), FreePorts.one());
    return new LocalServers(kafka, postgres);
  }

  private static void keepProblems(String line) {
    if (line.contains("FATAL") || line.contains("PANIC")) {
      System.err.println("postgres: " + line);
    }
  }

  @Override
  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  @Override
  public String database() {
    return postgres.address();
  }

  @Override
  public void close() {
    kafka.close();
    postgres.close();
  }
}
