package dev.countersign.testservers;

import dev.countersign.launcher.EmbeddedKafka;
import dev.countersign.launcher.EmbeddedPostgres;
import dev.countersign.launcher.FreePorts;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// The broker in this JVM and the database as its child.
record LocalServers(EmbeddedKafka kafka, EmbeddedPostgres postgres) implements Servers.Pair {

  static LocalServers start(Path folder, Map<String, String> passwords) {
    var postgres =
        new EmbeddedPostgres(
            folder.resolve("postgres"),
            FreePorts.one(),
            EmbeddedPostgres.Durability.PROCESS,
            LocalServers::keepProblems);
    // A test run that is interrupted runs no stop().
    Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "stop-postgres"));
    var database =
        new FutureTask<>(() -> {
          postgres.start();
          postgres.createRoles(passwords);
          return postgres;
        });
    // Not one of a pool's: it has this thread's class loader, where the JDBC driver is.
    Thread.ofPlatform().name("start-postgres").start(database);
    EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"), FreePorts.one());
    try {
      return new LocalServers(kafka, database.get());
    } catch (ExecutionException e) {
      throw new IllegalStateException("PostgreSQL did not start", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while PostgreSQL was starting", e);
    }
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
