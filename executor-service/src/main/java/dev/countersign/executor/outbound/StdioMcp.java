package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.StdioConnector;
import dev.countersign.executor.domain.StdioConnector.Program;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Keeps the programs that are MCP servers: one run of each at a time, started when it is needed,
/// started anew when it ended, more slowly each time it did not last, and ended when its entry or
/// one of its secrets has changed or when it left somebody without an answer.
@ApplicationScoped
class StdioMcp {

  private static final Logger LOG = Logger.getLogger(StdioMcp.class);
  private static final Duration TO_OPEN = Duration.ofSeconds(60);
  private static final Duration LASTED = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final int MOST_DOUBLED = 7;
  // How old the last look may be when an effect's first byte is written: a program that reads
  // nothing lets it wait.
  private static final Duration LOOK_COUNTS = Duration.ofSeconds(1);

  /// @param open fails never; a session, or why there is none
  private record Run(StdioServer server, CompletableFuture<Optional<Outcome>> open) {}

  private static final class Kept {
    private @Nullable Run run;
    private int failures;
    private long notBefore;
  }

  private final Vertx vertx;
  private final Credentials credentials;
  private final Map<Program, Kept> byProgram = new HashMap<>();
  private final List<Consumer<Program>> listeners = new CopyOnWriteArrayList<>();

  @Inject
  StdioMcp(Vertx vertx, Credentials credentials) {
    this.vertx = vertx;
    this.credentials = credentials;
  }

  /// Tells when a program says that its tools have changed.
  void onListChanged(Consumer<Program> listener) {
    listeners.add(listener);
  }

  /// The session with the program's one run.
  Future<McpSession.Opened> open(StdioConnector connector, Duration timeout) {
    Context context = vertx.getOrCreateContext();
    Promise<McpSession.Opened> opened = Promise.promise();
    long timer =
        vertx.setTimer(
            Math.max(1, timeout.toMillis()),
            _ ->
                opened.tryComplete(
                    new McpSession.Opened.No(
                        McpMessages.noSession("its program is not ready in time"))));
    // Files and processes may block.
    Future<@Nullable Run> run = vertx.executeBlocking(() -> run(connector.program()), false);
    run.onComplete(started -> {
      if (started.failed()) {
        opened.tryComplete(no(started.cause()));
        return;
      }
      Run it = Objects.requireNonNull(started.result());
      var _ =
          it.open.thenAccept(failed -> {
            Session session = new Session(it.server, context);
            if (failed.isPresent()) {
              session.close();
              opened.tryComplete(new McpSession.Opened.No(failed.get()));
            } else if (!opened.tryComplete(new McpSession.Opened.Yes(session))) {
              // Nobody waits for it any more.
              session.close();
            }
          });
    });
    return on(context, opened.future()).onComplete(_ -> vertx.cancelTimer(timer));
  }

  private static McpSession.Opened no(Throwable failure) {
    if (failure instanceof Unsent it) {
      return new McpSession.Opened.No(it.outcome());
    }
    LOG.warnf("An MCP server's program could not be started cause=%s", failure.toString());
    return new McpSession.Opened.No(McpMessages.noSession("its program could not be started"));
  }

  /// Whoever gets it has a session of it, which is to be closed.
  private Run run(Program program) throws Unsent, IOException {
    Map<String, String> variables = variables(program);
    synchronized (byProgram) {
      Kept kept = byProgram.computeIfAbsent(program, _ -> new Kept());
      Run known = kept.run;
      if (known != null && known.server.isUsable()) {
        if (!known.server.variables().equals(variables)) {
          known.server.retire();
        } else if (known.server.enter()) {
          return known;
        }
      }
      if (System.nanoTime() - kept.notBefore < 0) {
        throw new Unsent(
            McpMessages.noSession("its program ended soon after it was started, and has a pause"));
      }
      Run started = start(program, variables, kept);
      kept.run = started;
      return started;
    }
  }

  private Run start(Program program, Map<String, String> variables, Kept kept) throws IOException {
    StdioServer server;
    try {
      server =
          StdioServer.start(
              program.command(), variables, () -> listeners.forEach(each -> each.accept(program)));
    } catch (IOException e) {
      pause(kept, Duration.ZERO);
      throw e;
    }
    var _ = server.ended().thenRun(() -> ended(kept, server));
    CompletableFuture<Optional<Outcome>> open = new CompletableFuture<>();
    CompletableFuture<McpSession.Reply> reply = new CompletableFuture<>();
    int id = server.send("initialize", McpMessages.initialize(), null, reply);
    long timer =
        vertx.setTimer(
            TO_OPEN.toMillis(),
            _ -> {
              open.complete(Optional.of(McpMessages.noSession("it did not answer")));
              server.forget(id);
              server.retire();
            });
    var _ =
        reply.thenAccept(initialized -> {
          vertx.cancelTimer(timer);
          Optional<Outcome> failed = failure(initialized);
          if (failed.isEmpty()) {
            server.opened();
            server.notify(McpMessages.notification("notifications/initialized"));
          } else {
            LOG.warnf(
                "An MCP server opened no session program=%s said=\"%s\"",
                program.command().getFirst(), server.said());
            server.retire();
          }
          open.complete(failed);
        });
    return new Run(server, open);
  }

  private static Optional<Outcome> failure(McpSession.Reply initialized) {
    if (!(initialized.exchanged() instanceof Exchanged.Answered)) {
      return Optional.of(McpMessages.noSession("its program ended"));
    }
    return McpMessages.version(initialized.response()).isPresent()
        ? Optional.empty()
        : Optional.of(McpMessages.otherVersion());
  }

  private void ended(Kept kept, StdioServer server) {
    synchronized (byProgram) {
      if (kept.run != null && kept.run.server == server) {
        pause(kept, Duration.ofNanos(server.age()));
      }
    }
  }

  /// @param lasted how long it did
  private void pause(Kept kept, Duration lasted) {
    kept.failures = lasted.compareTo(LASTED) < 0 ? kept.failures + 1 : 0;
    // The first time it may be started again at once: what it died of may have been the call.
    long pause =
        kept.failures < 2 ? 0 : FIRST_PAUSE.toNanos() << Math.min(kept.failures - 2, MOST_DOUBLED);
    kept.notBefore = System.nanoTime() + pause;
  }

  private Map<String, String> variables(Program program) throws Unsent {
    Map<String, String> variables = new HashMap<>();
    for (Map.Entry<String, StdioConnector.Value> each : program.environment().entrySet()) {
      variables.put(
          each.getKey(),
          switch (each.getValue()) {
            case StdioConnector.Value.Plain it -> it.text();
            case StdioConnector.Value.Secret it ->
                credentials
                    .find(it.source())
                    .orElseThrow(() ->
                        new Unsent(
                            Outcome.failed(
                                "credential-missing",
                                "A secret of the MCP server's program is not where connectors.yaml"
                                    + " says; no tool was called. Put it there and propose the"
                                    + " action anew.")));
          });
    }
    return variables;
  }

  /// Lets go of the programs that no connector names any more.
  void keepOnly(Set<Program> named) {
    synchronized (byProgram) {
      byProgram
          .entrySet()
          .removeIf(each -> {
            boolean unnamed = !named.contains(each.getKey());
            Run run = each.getValue().run;
            if (unnamed && run != null) {
              run.server.retire();
            }
            return unnamed;
          });
    }
  }

  @PreDestroy
  void close() {
    List<StdioServer> running;
    synchronized (byProgram) {
      running =
          byProgram.values().stream()
              .filter(each -> each.run != null)
              .map(each -> each.run.server)
              .toList();
    }
    running.parallelStream().forEach(StdioServer::end);
  }

  private static <T> Future<T> on(Context context, Future<T> future) {
    Promise<T> promise = Promise.promise();
    future.onComplete(result -> context.runOnContext(_ -> promise.handle(result)));
    return promise.future();
  }

  private final class Session implements McpSession {

    private final StdioServer server;
    private final Context context;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// @param server entered already
    Session(StdioServer server, Context context) {
      this.server = server;
      this.context = context;
    }

    @Override
    public Future<Reply> send(
        String method,
        ObjectNode params,
        @Nullable String idempotencyKey,
        Duration timeout,
        LastLook look) {
      return timeout.toMillis() < 1
          ? Future.succeededFuture(
              new Reply(new Exchanged.Not(McpMessages.timeIsUp()), Optional.empty()))
          : Future.fromCompletionStage(look.now().subscribeAsCompletionStage(), context)
              .compose(no ->
                  no.isPresent()
                      ? Future.succeededFuture(
                          new Reply(new Exchanged.Not(no.get()), Optional.empty()))
                      : ask(method, params, timeout, idempotencyKey != null));
    }

    private Future<Reply> ask(
        String method, ObjectNode params, Duration timeout, boolean hasEffect) {
      CompletableFuture<Reply> reply = new CompletableFuture<>();
      Long notAfter = hasEffect ? System.nanoTime() + LOOK_COUNTS.toNanos() : null;
      int id = server.send(method, params, notAfter, reply);
      long timer =
          vertx.setTimer(
              timeout.toMillis(),
              _ -> {
                if (!reply.isDone() && reply.complete(late(server.forget(id), timeout))) {
                  // One that leaves a call unanswered may hang for good: the next gets another.
                  server.retire();
                }
              });
      return Future.fromCompletionStage(reply, context).onComplete(_ -> vertx.cancelTimer(timer));
    }

    /// @param never it did not get as far as the program
    private static Reply late(boolean never, Duration timeout) {
      return new Reply(
          never
              ? new Exchanged.Not(
                  Outcome.failed(
                      "timeout",
                      "The MCP server took nothing in within " + timeout + "; no tool was called."))
              : new Exchanged.Broken(
                  Outcome.unknown(
                      "timeout",
                      "The MCP server did not answer within "
                          + timeout
                          + ". Look at what it works on whether it took effect.")),
          Optional.empty());
    }

    /// The program is everybody's, and ends here only where it was to end and this was the last.
    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        server.leave();
      }
    }
  }
}
