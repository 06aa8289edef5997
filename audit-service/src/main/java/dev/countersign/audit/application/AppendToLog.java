package dev.countersign.audit.application;

import dev.countersign.audit.domain.Entry;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.mutiny.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.jboss.logging.Logger;

/// Puts what all topics bring into one line and appends it. While one transaction is under way the
/// next batches gather, so the busier the topics, the larger the transactions.
///
/// Nothing is refused and nothing is skipped: while the log cannot be written, no record is
/// acknowledged; nor while it is not the log that was cosigned ({@link Integrity}). If the process
/// dies before a commit, the batch comes again; after it, too, and changes nothing.
@ApplicationScoped
public class AppendToLog {

  private static final Logger LOG = Logger.getLogger(AppendToLog.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration SLOWEST_RETRY = Duration.ofSeconds(2);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final int GROUP_ENTRIES = 2_000;

  private record Waiting(List<Entry> entries, UniEmitter<? super Long> answer) {}

  private final Log log;
  private final Vertx vertx;
  private final Queue<Waiting> line = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicLong size = new AtomicLong();
  private final Integrity integrity;
  private volatile boolean stopping;

  @Inject
  AppendToLog(Log log, Integrity integrity, Vertx vertx, MeterRegistry meters) {
    this.log = log;
    this.integrity = integrity;
    this.vertx = vertx;
    meters.gauge("countersign.audit.log.size", size);
  }

  void onStart(@Observes StartupEvent event) {
    log.size()
        .subscribe()
        .with(
            this::grownTo,
            failure -> LOG.warnf("Size of the log not read at start cause=%s", failure.toString()));
  }

  /// Completes when every record of the batch is durably in the log.
  public Uni<Void> append(ConsumerRecords<byte[], byte[]> batch) {
    Context context = vertx.getDelegate().getOrCreateContext();
    return vertx
        .executeBlocking(() -> Records.entries(batch), false)
        .chain(this::inLine)
        .emitOn(task -> context.runOnContext(_ -> task.run()))
        .replaceWithVoid();
  }

  /// Completes with the log's size when these are durably in it.
  Uni<Long> inLine(List<Entry> entries) {
    return Uni.createFrom()
        .emitter(answer -> {
          line.add(new Waiting(entries, answer));
          serve();
        });
  }

  /// Blocks until this is in the log, however long that takes: what stands in the line is not put
  /// there again. Throws where the log is broken, and then puts nothing there: nobody takes it out.
  void await(Uni<?> appended) {
    integrity.require();
    Uni<?> once = appended.memoize().indefinitely();
    while (true) {
      try {
        once.await().atMost(LOOK_EVERY);
        return;
      } catch (TimeoutException _) {
        // It may have broken meanwhile; another instance, which is whole, is to be elected then.
        integrity.require();
      }
    }
  }

  private void serve() {
    // Whoever loses this race has added to the line before, and the winner looks again after.
    while (!line.isEmpty() && busy.compareAndSet(false, true)) {
      List<Waiting> group = group();
      if (group.isEmpty()) {
        busy.set(false);
      } else {
        append(group);
      }
    }
  }

  private List<Waiting> group() {
    List<Waiting> group = new ArrayList<>();
    int entries = 0;
    while (entries < GROUP_ENTRIES) {
      Waiting next = line.poll();
      if (next == null) {
        break;
      }
      group.add(next);
      entries += next.entries.size();
    }
    return group;
  }

  private void append(List<Waiting> group) {
    List<Entry> entries = group.stream().flatMap(each -> each.entries.stream()).toList();
    Uni.createFrom()
        .deferred(() -> {
          integrity.require();
          return log.append(entries);
        })
        .onFailure()
        .invoke(failure -> LOG.warnf("Log cannot be written; waiting cause=%s", failure.toString()))
        .onFailure(_ -> !stopping)
        .retry()
        .withBackOff(FIRST_RETRY, SLOWEST_RETRY)
        .indefinitely()
        .subscribe()
        .with(
            grown -> {
              grownTo(grown);
              done();
              group.forEach(each -> each.answer.complete(grown));
            },
            failure -> {
              done();
              group.forEach(each -> each.answer.fail(failure));
            });
  }

  private void done() {
    busy.set(false);
    serve();
  }

  private void grownTo(long grown) {
    size.accumulateAndGet(grown, Math::max);
  }

  @PreDestroy
  void stop() {
    stopping = true;
  }
}
