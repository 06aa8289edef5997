package dev.countersign.messaging;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.impl.SqlConnectionInternal;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// What Quarkus has no setting for. Prepared is kept what is prepared once, however long it is:
/// Vert.x leaves out statements of more than 2,048 characters, and the longest of ours, which run
/// for each batch, would be parsed and planned each time. And a connection ends on which nothing is
/// heard for long: where its other end is gone without a word, whoever waits for an answer would
/// for hours, and its place in the pool with them. TLS means what it means to PostgreSQL's own
/// clients: below `verify-ca` nobody's certificate is looked at, and its name with `verify-full`
/// alone. A credentials provider, which Quarkus would ask for each connection, is asked once here.
@Singleton
class ReactivePool implements PgPoolCreator {

  // In characters; the longest is half as long.
  private static final int LONGEST = 8_192;

  private final Duration silence;
  private final Optional<SslMode> sslMode;
  private final String ca;

  @Inject
  ReactivePool(
      @ConfigProperty(name = "countersign.db") String database,
      @ConfigProperty(name = "countersign.db.silence") Duration silence,
      @ConfigProperty(name = "countersign.db.sslmode") Optional<String> sslMode,
      @ConfigProperty(name = "countersign.db.ca") String ca) {
    if (database.indexOf('?') >= 0) {
      // JDBC would take our own parameters, behind it, for a part of the last one's value.
      throw new IllegalArgumentException(
          "countersign.db is host:port/database, without parameters: take off what begins with \"?\"."
              + " TLS is asked for by countersign.db.sslmode");
    }
    this.silence = silence;
    this.sslMode = sslMode.map(SslMode::of);
    this.ca = ca;
  }

  @Override
  public Pool create(Input input) {
    List<PgConnectOptions> options = input.pgConnectOptionsList();
    options.forEach(each ->
        each.setPreparedStatementCacheSqlLimit(LONGEST)
            .setIdleTimeout(Math.toIntExact(silence.toMillis()))
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS));
    sslMode.ifPresent(mode -> options.forEach(each -> protect(each, mode)));
    return PgBuilder.pool()
        .with(input.poolOptions())
        .connectingTo(List.<SqlConnectOptions>copyOf(options))
        .using(input.vertx())
        .withConnectHandler(ReactivePool::bound)
        .build();
  }

  private void protect(PgConnectOptions options, SslMode mode) {
    boolean verifies = mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL;
    options
        .setSslMode(mode)
        .setTrustAll(!verifies)
        .setHostnameVerificationAlgorithm(mode == SslMode.VERIFY_FULL ? "HTTPS" : "");
    if (verifies) {
      options.setPemTrustOptions(new PemTrustOptions().addCertPath(ca));
    }
  }

  private static void bound(SqlConnection connection) {
    if (((SqlConnectionInternal) connection).unwrap().unwrap()
        instanceof SocketConnectionBase line) {
      line.socket().channelHandlerContext().pipeline().addAfter("idle", "silence", new Silence());
    }
    // It goes to whoever waits for it.
    connection.close();
  }

  /// Ends the connection. The client would say goodbye to the server, and wait for it to hang up.
  private static final class Silence extends ChannelInboundHandlerAdapter {

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof IdleStateEvent) {
        var _ = context.close();
      } else {
        context.fireUserEventTriggered(event);
      }
    }
  }
}
