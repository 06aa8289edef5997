package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.executor.application.Listings;
import dev.countersign.executor.application.OpenConnectors;
import dev.countersign.executor.domain.Listing;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.ServerConnector;
import dev.countersign.executor.domain.StdioConnector;
import dev.countersign.executor.domain.StdioConnector.Program;
import dev.countersign.executor.outbound.ServerTools.Listed;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Asks each MCP server that is a whole toolset for its tools: at the start, when its entry has
/// changed, when it says that they have, and now and then, for most say nothing. Where a server is
/// away, what it said last stands: nothing is called on the word of this list alone.
@ApplicationScoped
class ServerListings implements Listings {

  private static final Logger LOG = Logger.getLogger(ServerListings.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
  private static final Duration AGAIN_AT_FIRST = Duration.ofSeconds(2);
  // As long as what policy says of a tool is believed without asking.
  private static final Duration FRESH = Duration.ofSeconds(2);

  /// @param listedAt when what is listed was asked for, on the monotonic clock; null for never
  /// @param askedAt when it was asked for last, whatever came of it
  /// @param changedAt when its server last said that its tools have changed
  private record Known(
      ServerConnector server,
      Listing listing,
      @Nullable Long listedAt,
      @Nullable Long askedAt,
      @Nullable Long changedAt,
      boolean asking) {

    static Known nothing(ServerConnector server) {
      return new Known(server, Listing.NONE, null, null, null, false);
    }

    Known asked() {
      return new Known(server, listing, listedAt, askedAt, changedAt, true);
    }

    /// @param at when it was asked for
    Known listed(Listing all, long at) {
      return new Known(server, all, at, at, changedAt, false);
    }

    /// @param at when it was asked for
    Known notListed(String why, long at) {
      return new Known(server, listing.still(why), listedAt, at, changedAt, false);
    }

    Known changed(long at) {
      return new Known(server, listing, listedAt, askedAt, at, asking);
    }

    /// Whether what was asked for then may be older than what its server has said since.
    boolean hasChangedSince(long at) {
      return changedAt != null && changedAt - at >= 0;
    }
  }

  private final OpenConnectors connectors;
  private final ServerSessions sessions;
  private final Vertx vertx;
  private final Duration every;
  private final Clock clock = Clock.systemUTC();
  private final Map<String, Known> byToolset = new HashMap<>();
  private long timer;

  @Inject
  ServerListings(
      OpenConnectors connectors,
      ServerSessions sessions,
      StdioMcp stdio,
      Vertx vertx,
      @ConfigProperty(name = "countersign.executor.list-tools") Duration every) {
    this.connectors = connectors;
    this.sessions = sessions;
    this.vertx = vertx;
    this.every = every;
    stdio.onListChanged(this::changed);
  }

  void onStart(@Observes StartupEvent event) {
    timer = vertx.setPeriodic(1, BETWEEN_LOOKS.toMillis(), _ -> look());
  }

  @PreDestroy
  void close() {
    vertx.cancelTimer(timer);
  }

  @Override
  public synchronized Map<String, Listing> all() {
    Map<String, Listing> all = new TreeMap<>();
    connectors
        .current()
        .servers()
        .forEach((toolset, server) -> all.put(toolset, current(toolset, server).listing));
    return all;
  }

  /// What this toolset's server said a moment ago; empty where that is longer ago.
  synchronized Optional<Listing> fresh(String toolset, ServerConnector server) {
    Known known = current(toolset, server);
    return known.listedAt != null
            && !known.hasChangedSince(known.listedAt)
            && System.nanoTime() - known.listedAt < FRESH.toNanos()
        ? Optional.of(known.listing)
        : Optional.empty();
  }

  /// What it says now, asked in this session.
  Future<Listed> list(
      String toolset, ServerConnector server, McpSession session, Duration timeout) {
    long at = System.nanoTime();
    return ServerTools.list(session, clock.instant(), timeout)
        .onSuccess(listed -> {
          // That a session is no more says nothing of the server; it is asked again in another.
          if (!session.isOver()) {
            keep(toolset, server, listed, at);
          }
        });
  }

  /// Of another server nothing is known, though it has the same name.
  private Known current(String toolset, ServerConnector server) {
    Known known = byToolset.get(toolset);
    return known != null && known.server.named("").equals(server.named(""))
        ? known
        : Known.nothing(server);
  }

  private synchronized void keep(String toolset, ServerConnector server, Listed listed, long at) {
    boolean isTheToolsets =
        connectors
            .current()
            .findServer(toolset)
            .filter(its -> its.named("").equals(server.named("")))
            .isPresent();
    if (!isTheToolsets) {
      // A tool with an entry of its own, or an entry that was changed meanwhile.
      byToolset.computeIfPresent(
          toolset, (_, it) -> it.server.named("").equals(server.named("")) ? null : it);
      return;
    }
    Known known = current(toolset, server);
    byToolset.put(
        toolset,
        switch (listed) {
          case Listed.All it -> known.listed(it.listing(), at);
          case Listed.Not it -> {
            if (!it.why().equals(known.listing.problem())) {
              LOG.warnf(
                  "An MCP server can't be asked for its tools toolset=%s why=\"%s\"",
                  toolset, it.why());
            }
            yield known.notListed(it.why(), at);
          }
        });
  }

  private synchronized void changed(Program program) {
    long now = System.nanoTime();
    byToolset.replaceAll((_, known) ->
        known.server instanceof StdioConnector it && it.program().equals(program)
            ? known.changed(now)
            : known);
  }

  private void look() {
    Map<String, ServerConnector> servers = connectors.current().servers();
    Map<String, ServerConnector> due = new HashMap<>();
    synchronized (this) {
      byToolset.keySet().retainAll(servers.keySet());
      servers.forEach((toolset, server) -> {
        Known known = current(toolset, server);
        if (!known.asking && isDue(known)) {
          byToolset.put(toolset, known.asked());
          due.put(toolset, server);
        }
      });
    }
    due.forEach(this::ask);
  }

  private boolean isDue(Known known) {
    Duration pause = known.listing.seenAt() == null ? AGAIN_AT_FIRST : every;
    if (known.askedAt == null) {
      return true;
    }
    // However often it says so: one that says so at each listing would be listed without a pause.
    boolean soon = known.hasChangedSince(known.askedAt) && AGAIN_AT_FIRST.compareTo(pause) < 0;
    Duration rest = soon ? AGAIN_AT_FIRST : pause;
    return System.nanoTime() - known.askedAt >= rest.toNanos();
  }

  private void ask(String toolset, ServerConnector server) {
    long at = System.nanoTime();
    var _ =
        sessions
            .open(server, JsonNodeFactory.instance.objectNode(), null, server.timeout())
            .compose(opened ->
                switch (opened) {
                  case McpSession.Opened.No it -> Future.succeededFuture(why(it.why()));
                  case McpSession.Opened.Yes it ->
                      Future.succeededFuture()
                          .compose(_ ->
                              ServerTools.list(it.session(), clock.instant(), server.timeout()))
                          .onComplete(_ -> it.session().close());
                })
            .otherwise(failure -> {
              LOG.errorf(failure, "Asking an MCP server for its tools broke off");
              return new Listed.Not("asking it broke off");
            })
            .onSuccess(listed -> keep(toolset, server, listed, at));
  }

  private static Listed why(Outcome outcome) {
    return new Listed.Not(
        outcome.reason() == null ? "it could not be asked" : outcome.reason().text());
  }
}
