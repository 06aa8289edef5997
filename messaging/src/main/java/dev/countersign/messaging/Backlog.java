package dev.countersign.messaging;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What stood on a topic when this process first asked, until this service has handled all of it.
/// For what must not begin before it is known what was forbidden: a process that was down for a
/// while, or whose database was put back or lost, has a past to catch up with.
public final class Backlog {

  private static final Logger LOG = Logger.getLogger(Backlog.class);

  private final String topic;
  private final Positions positions;
  private final Epochs epochs;
  private final Vertx vertx;
  private volatile @Nullable Map<TopicPartition, Long> stood;
  private volatile boolean handled;

  /// @param topic one that this service consumes, and whose positions it keeps
  public Backlog(String topic, Positions positions, Epochs epochs, Vertx vertx) {
    this.topic = topic;
    this.positions = positions;
    this.epochs = epochs;
    this.vertx = vertx;
  }

  /// Fails, as what is {@link Unavailable} does, until all of it is handled, by whichever instance;
  /// after that it costs nothing.
  public Uni<Void> requireHandled() {
    return handled
        ? Uni.createFrom().voidItem()
        : stood()
            .chain(ends -> epochs.inSession(Positions::kept).invoke(kept -> require(ends, kept)))
            .replaceWithVoid();
  }

  private Uni<Map<TopicPartition, Long>> stood() {
    Map<TopicPartition, Long> known = stood;
    if (known != null) {
      return Uni.createFrom().item(known);
    }
    Context caller = vertx.getOrCreateContext();
    return Uni.createFrom()
        .completionStage(() -> positions.ends(topic))
        .onFailure()
        .transform(failure -> new Unavailable("how far " + topic + " goes can't be told", failure))
        .invoke(ends -> stood = ends)
        .emitOn(task -> caller.runOnContext(_ -> task.run()));
  }

  private void require(Map<TopicPartition, Long> ends, Map<TopicPartition, Long> kept) {
    long behind =
        ends.entrySet().stream()
            .mapToLong(end -> Math.max(0, end.getValue() - kept.getOrDefault(end.getKey(), 0L)))
            .sum();
    if (behind > 0) {
      throw new Unavailable("not all of " + topic + " is read yet; behind=" + behind);
    }
    handled = true;
    LOG.debugf("All of it is read topic=%s", topic);
  }
}
