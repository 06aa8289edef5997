package dev.countersign.flow;

import dev.countersign.events.ActionId;
import dev.countersign.launcher.LocalSystem;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Makes a service stand still within one of its own statements, from outside: a trigger in its
/// schema waits for a lock that is held here. What runs is the production code, unchanged.
final class StandStill implements AutoCloseable {

  private static final long LOCK = 4_711;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Connection holder;
  private final String table;

  /// @param table of the role's own schema
  /// @param trigger the kind of trigger and when it stands still, as in `trigger %s before update`
  /// @param row which rows do, as a condition on `new` and `old`
  private StandStill(LocalSystem system, String role, String table, String trigger, String row)
      throws SQLException {
    this.table = table;
    this.holder =
        DriverManager.getConnection(
            "jdbc:postgresql://" + system.database(), role, system.databasePassword(role));
    execute("select pg_advisory_lock(" + LOCK + ")");
    execute(
        """
        create or replace function stand_still() returns trigger language plpgsql as $$
        begin
          perform pg_advisory_xact_lock(%d);
          return coalesce(new, old);
        end $$
        """
            .formatted(LOCK));
    execute(
        "create %s on %s %s for each row when (%s) execute function stand_still()"
            .formatted(
                trigger.formatted("stand_still"),
                table,
                trigger.startsWith("constraint") ? "deferrable initially deferred" : "",
                row));
  }

  /// Amid the transaction in which a service first writes down what it heard of an action.
  static StandStill amid(LocalSystem system, String service, ActionId id) throws SQLException {
    return new StandStill(
        system,
        // Nobody else may do this to the log.
        service.equals("audit") ? "audit_migrator" : service,
        switch (service) {
          case "gateway" -> "action";
          case "policy" -> "verdict";
          case "ticket" -> "ticket";
          case "notifier" -> "message";
          case "audit" -> "leaf";
          default -> throw new IllegalArgumentException("no table of " + service + " is known");
        },
        "trigger %s before insert",
        "new.action_id = '" + id + "'");
  }

  /// Before the executor's row of an action takes this state.
  static StandStill beforeState(LocalSystem system, ActionId id, String state) throws SQLException {
    return new StandStill(
        system,
        "executor",
        "execution",
        state.equals("ready") ? "trigger %s before insert" : "trigger %s before update",
        isIn(id, state));
  }

  /// In the commit of what brings the executor's row of an action into this state: it goes through
  /// whoever is left to hear of it.
  static StandStill inCommitOf(LocalSystem system, ActionId id, String state) throws SQLException {
    return new StandStill(
        system, "executor", "execution", "constraint trigger %s after update", isIn(id, state));
  }

  private static String isIn(ActionId id, String state) {
    return "new.action_id = '%s' and new.state = '%s'".formatted(id, state);
  }

  /// After the executor's relay has published about an action, before it notes that it has.
  static StandStill afterRelay(LocalSystem system, ActionId id) throws SQLException {
    return new StandStill(
        system,
        "executor",
        "outbox",
        "trigger %s before delete",
        "convert_from(old.key, 'UTF8') = '" + id + "'");
  }

  /// Returns when the statement has come.
  void awaitReached() throws SQLException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (waiting() == 0) {
      if (System.nanoTime() > until) {
        throw new IllegalStateException("no statement on " + table + " came within " + PATIENCE);
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  private long waiting() throws SQLException {
    try (Statement statement = holder.createStatement();
        ResultSet waiting =
            statement.executeQuery(
                "select count(*) from pg_locks where locktype = 'advisory' and not granted and objid = "
                    + LOCK)) {
      waiting.next();
      return waiting.getLong(1);
    }
  }

  /// What stands still is lost, as when its connection dies with its process.
  void rollBack() throws SQLException {
    execute(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and not granted and objid = "
            + LOCK);
    close();
  }

  /// What stands still goes on, even where nobody waits for its answer any more.
  @Override
  public void close() throws SQLException {
    if (holder.isClosed()) {
      return;
    }
    execute("select pg_advisory_unlock(" + LOCK + ")");
    execute("drop trigger stand_still on " + table);
    execute("drop function stand_still()");
    holder.close();
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = holder.createStatement()) {
      statement.execute(sql);
    }
  }
}
