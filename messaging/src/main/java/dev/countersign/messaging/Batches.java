package dev.countersign.messaging;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jboss.logging.Logger;

/// Gathers what comes in while one batch is at work and hands it on as the next. Under load many
/// requests share a transaction; alone, none of them waits for company.
public final class Batches<T> {

  private static final Logger LOG = Logger.getLogger(Batches.class);

  private final int most;
  private final Function<List<T>, Uni<Void>> work;
  private final Context root;
  private final Queue<T> queue = new ConcurrentLinkedQueue<>();
  // What is queued or at work. Whoever lifts it from zero starts the work, so one batch runs at a
  // time.
  private final AtomicInteger open = new AtomicInteger();

  /// @param most how many make a full batch
  /// @param work handles a batch and tells its askers, also of a failure
  public Batches(Vertx vertx, int most, Function<List<T>, Uni<Void>> work) {
    this.most = most;
    this.work = work;
    this.root = vertx.getOrCreateContext();
  }

  public void add(T item) {
    queue.add(item);
    if (open.getAndIncrement() == 0) {
      next();
    }
  }

  private void next() {
    OwnContext.of(root).execute(this::run);
  }

  private void run() {
    List<T> batch = new ArrayList<>();
    for (T item = queue.poll(); item != null; item = queue.poll()) {
      batch.add(item);
      if (batch.size() == most) {
        break;
      }
    }
    Uni.createFrom()
        .deferred(() -> work.apply(batch))
        .subscribe()
        .with(
            _ -> done(batch.size()),
            failure -> {
              LOG.errorf(failure, "Batch failed and did not say so size=%d", batch.size());
              done(batch.size());
            });
  }

  private void done(int size) {
    if (open.addAndGet(-size) > 0) {
      next();
    }
  }
}
