package dev.countersign.launcher;

import java.time.Duration;
import java.util.Map;

/// PostgreSQL under the supervisor: ready when its roles stand.
record PostgresPart(EmbeddedPostgres postgres, int port, Map<String, String> passwords)
    implements Part {

  @Override
  public String name() {
    return "postgres";
  }

  @Override
  public Stage stage() {
    return Stage.GROUND;
  }

  @Override
  public void start() {
    postgres.start();
    postgres.createRoles(passwords);
  }

  @Override
  public boolean ready() {
    return postgres.alive();
  }

  @Override
  public boolean alive() {
    return postgres.alive();
  }

  @Override
  public long pid() {
    return postgres.pid();
  }

  @Override
  public boolean awaitEnd(Duration patience) {
    return postgres.awaitEnd(patience);
  }

  @Override
  public void stop() {
    postgres.stop();
  }

  @Override
  public void kill() {
    postgres.kill();
  }

  @Override
  public boolean learning() {
    return false;
  }
}
