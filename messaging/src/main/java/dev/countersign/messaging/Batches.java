package dev.countersign.messaging;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Function;
import org.jboss.logging.Logger;

/// Gathers what comes in while one batch is at work and hands it on as the next. Under load many
/// requests share a transaction; alone, none of them waits for company.
public final class Batches<T> {

  private static final Logger LOG = Logger.getLogger(Batches.class);

  private final int most;
  private final int lanes;
  private final Function<List<T>, Uni<Void>> work;
  // Both are touched by whoever holds the queue.
  private final Queue<T> queue = new ArrayDeque<>();
  private final Queue<Context> idle = new ArrayDeque<>();

  /// One batch at a time.
  ///
  /// @param most how many make a full batch
  /// @param work handles a batch and tells its askers, also of a failure
  public Batches(Vertx vertx, int most, Function<List<T>, Uni<Void>> work) {
    this(vertx, most, 1, work);
  }

  /// Batches side by side: one that is full does not wait for those at work, so that one computes
  /// while another waits for the database. What makes no full batch waits, but for what a lane
  /// finds that was on its way already.
  ///
  /// @param most how many make a full batch
  /// @param lanes how many are at work at most
  /// @param work handles a batch and tells its askers, also of a failure
  public Batches(Vertx vertx, int most, int lanes, Function<List<T>, Uni<Void>> work) {
    this.most = most;
    this.lanes = lanes;
    this.work = work;
    for (int i = 0; i < lanes; i++) {
      idle.add(((VertxInternal) vertx).createEventLoopContext());
    }
  }

  public void add(T item) {
    synchronized (queue) {
      queue.add(item);
    }
    next();
  }

  private void next() {
    Context lane;
    synchronized (queue) {
      boolean due = idle.size() == lanes ? !queue.isEmpty() : queue.size() >= most;
      lane = due ? idle.poll() : null;
    }
    if (lane != null) {
      OwnContext.of(lane).execute(() -> run(lane));
    }
  }

  private void run(Context lane) {
    List<T> batch = batch();
    Uni.createFrom()
        .deferred(() -> batch.isEmpty() ? Uni.createFrom().voidItem() : work.apply(batch))
        .subscribe()
        .with(
            _ -> done(lane),
            failure -> {
              LOG.errorf(failure, "Batch failed and did not say so size=%d", batch.size());
              done(lane);
            });
  }

  /// Empty where others took what this was begun for.
  private List<T> batch() {
    List<T> batch = new ArrayList<>();
    synchronized (queue) {
      while (batch.size() < most && !queue.isEmpty()) {
        batch.add(queue.remove());
      }
    }
    return batch;
  }

  private void done(Context lane) {
    synchronized (queue) {
      idle.add(lane);
    }
    next();
  }
}
