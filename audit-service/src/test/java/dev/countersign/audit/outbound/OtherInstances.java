package dev.countersign.audit.outbound;

import dev.countersign.audit.application.Integrity;
import dev.countersign.audit.application.Log;
import dev.countersign.audit.application.LogKey;
import dev.countersign.audit.application.Tail;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/// What other processes of the service have of the log in the same database.
@ApplicationScoped
public class OtherInstances {

  private final Sessions sessions;
  private final Vertx vertx;
  private final LogKey key;

  @Inject
  OtherInstances(Sessions sessions, Vertx vertx, LogKey key) {
    this.sessions = sessions;
    this.vertx = vertx;
    this.key = key;
  }

  /// The log as one sees it that was just started.
  public Log log(Integrity integrity) {
    return new PostgresLog(sessions, vertx, key, integrity, new Tail());
  }
}
