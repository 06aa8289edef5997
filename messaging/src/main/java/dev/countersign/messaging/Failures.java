package dev.countersign.messaging;

import com.fasterxml.jackson.core.JacksonException;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Tells what is broken around us (wait for it) from what is wrong with a record (put it aside).
public final class Failures {

  private Failures() {}

  /// The database, the network or a neighbour is away: the same batch will do later.
  public static boolean isAway(Throwable failure) {
    for (Throwable each : causes(failure)) {
      if (each instanceof PgException database) {
        return isAway(database.getSqlState());
      }
      if (each instanceof SQLException database && database.getSQLState() != null) {
        return isAway(database.getSQLState());
      }
      if (each instanceof JacksonException) {
        // An IOException by descent only: JSON that can't be read now can't be read later.
        return false;
      }
      if (each instanceof Unavailable
          || each instanceof IOException
          || each instanceof TimeoutException
          || each instanceof VertxException) {
        return true;
      }
    }
    return false;
  }

  /// The database let others go before, as it does where transactions wait for each other in a ring
  /// (40P01) or cannot be put into an order (40001): nothing of this one has happened, and it will
  /// do at once.
  public static boolean gaveWay(Throwable failure) {
    return causes(failure).stream()
        .anyMatch(each ->
            (each instanceof PgException database && gaveWay(database.getSqlState()))
                || (each instanceof SQLException other && gaveWay(other.getSQLState())));
  }

  private static boolean gaveWay(@Nullable String sqlState) {
    return "40P01".equals(sqlState) || "40001".equals(sqlState);
  }

  // PostgreSQL 18, appendix A: connection, transaction rollback, resources, operator intervention,
  // system error, and "cannot connect now" while it recovers. And what the operator has changed or
  // not yet granted, so that no record is to blame: a password, the database, a privilege. And
  // 25P03: we stood still in a transaction for too long, as a process does whose machine slept.
  private static boolean isAway(@Nullable String sqlState) {
    return sqlState == null
        || sqlState.startsWith("08")
        || sqlState.equals("25006")
        || sqlState.equals("25P03")
        || sqlState.startsWith("28")
        || sqlState.startsWith("3D")
        || sqlState.startsWith("40")
        || sqlState.equals("42501")
        || sqlState.startsWith("53")
        || sqlState.startsWith("55")
        || sqlState.startsWith("57")
        || sqlState.startsWith("58");
  }

  /// Neither away nor plainly a matter of the data: worth a few tries.
  static boolean isUnclear(Throwable failure) {
    if (isAway(failure)) {
      return false;
    }
    return causes(failure).stream()
        .noneMatch(each ->
            each instanceof PgException
                || each instanceof SQLException
                || each instanceof IllegalArgumentException);
  }

  /// The failure and its causes, outermost first, each once: Hibernate's may refer to themselves.
  private static Set<Throwable> causes(Throwable failure) {
    Set<Throwable> causes = new LinkedHashSet<>();
    for (Throwable each = failure; each != null && causes.add(each); ) {
      each = each.getCause();
    }
    return causes;
  }
}
