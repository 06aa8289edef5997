package dev.countersign.messaging;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import java.util.List;

/// What a pool of one connection is made of.
record OnePlace(Vertx vertx, PgConnectOptions options) implements PgPoolCreator.Input {

  @Override
  public PoolOptions poolOptions() {
    return new PoolOptions().setMaxSize(1);
  }

  @Override
  public List<PgConnectOptions> pgConnectOptionsList() {
    return List.of(options);
  }
}
