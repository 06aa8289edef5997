package dev.countersign.messaging;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Singleton;
import java.util.List;

/// Keeps prepared what is prepared once, however long it is. Vert.x leaves out statements of more
/// than 2,048 characters, for which Quarkus has no setting: the longest of ours, which run for each
/// batch, would be parsed and planned each time. A credentials provider, which Quarkus would ask
/// for each connection, is asked once here.
@Singleton
class PreparedStatements implements PgPoolCreator {

  // In characters; the longest is half as long.
  private static final int LONGEST = 8_192;

  @Override
  public Pool create(Input input) {
    List<PgConnectOptions> options = input.pgConnectOptionsList();
    options.forEach(each -> each.setPreparedStatementCacheSqlLimit(LONGEST));
    return PgBuilder.pool()
        .with(input.poolOptions())
        .connectingTo(List.<SqlConnectOptions>copyOf(options))
        .using(input.vertx())
        .build();
  }
}
