package dev.countersign.messaging;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// What stood on a topic when this process first asked, until this service has handled all of it.
/// For what must not begin before it is known what was forbidden: a process that was down for a
/// while, or whose database was put back or lost, has a past to catch up with.
///
/// How far the service has handled a topic is what its group has committed in Kafka: that moves
/// only after what comes before it has moved ({@link Positions}), and never past a record that
/// still waits for its turn.
public final class Backlog {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final String topic;
  private final Positions positions;
  private final Vertx vertx;
  private volatile @Nullable Map<TopicPartition, Long> stood;
  private volatile boolean handled;

  /// @param topic one that this service consumes
  public Backlog(String topic, Positions positions, Vertx vertx) {
    this.topic = topic;
    this.positions = positions;
    this.vertx = vertx;
  }

  /// Fails, as what is {@link Unavailable} does, until all of it is handled, by whichever instance;
  /// after that it costs nothing. Where Kafka does not answer within five seconds, it is not known.
  public Uni<Void> requireHandled() {
    return handled ? Uni.createFrom().voidItem() : look();
  }

  private Uni<Void> look() {
    Context caller = vertx.getOrCreateContext();
    return Uni.combine()
        .all()
        .unis(
            Uni.createFrom().completionStage(() -> positions.ends(topic)),
            Uni.createFrom().completionStage(() -> positions.committed()))
        .with(this::behind)
        .ifNoItem()
        .after(PATIENCE)
        .fail()
        .onFailure()
        .transform(failure ->
            new Unavailable("how much of " + topic + " is still to be read can't be told", failure))
        .emitOn(task -> caller.runOnContext(_ -> task.run()))
        .invoke(behind -> {
          if (behind > 0) {
            throw new Unavailable("not all of " + topic + " is read yet; behind=" + behind);
          }
          handled = true;
        })
        .replaceWithVoid();
  }

  /// How many records of what stood there are still to be handled. A position beyond the end is of
  /// a topic that was there before, or of a log that lost its tail: of this one it says nothing.
  private long behind(Map<TopicPartition, Long> ends, Map<TopicPartition, Long> committed) {
    Map<TopicPartition, Long> known = stood;
    Map<TopicPartition, Long> required = known == null ? ends : known;
    stood = required;
    return required.entrySet().stream()
        .mapToLong(then -> {
          // None where it was emptied since, and less where it lost its tail.
          long now = ends.getOrDefault(then.getKey(), 0L);
          long next = committed.getOrDefault(then.getKey(), 0L);
          return next > now ? now : Math.max(0, Math.min(then.getValue(), now) - next);
        })
        .sum();
  }
}
