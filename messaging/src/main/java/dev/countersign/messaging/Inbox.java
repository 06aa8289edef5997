package dev.countersign.messaging;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.jboss.logging.Logger;

/// The way in: one polled batch, one transaction. A batch is acknowledged only when it is handled
/// or stands, in parts, on `dead-letter`; so nothing is lost, and no record blocks its partition.
///
/// If the process dies before the commit, the batch comes again; after it, the batch comes again
/// too and changes nothing, because handlers are idempotent.
@ApplicationScoped
public class Inbox {

  private static final Logger LOG = Logger.getLogger(Inbox.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration SLOWEST_RETRY = Duration.ofSeconds(2);
  private static final int UNCLEAR_RETRIES = 3;

  private final Outbox outbox;
  private final Positions positions;
  private final Epochs epochs;
  private final Vertx vertx;
  private final MeterRegistry meters;

  @Inject
  Inbox(Outbox outbox, Positions positions, Epochs epochs, Vertx vertx, MeterRegistry meters) {
    this.outbox = outbox;
    this.positions = positions;
    this.epochs = epochs;
    this.vertx = vertx;
    this.meters = meters;
  }

  private record Decoded<T>(List<Received<T>> events, List<DeadLetter> letters) {}

  /// Decodes the batch on a worker thread, has it prepared, and handles it in one transaction with
  /// its dead letters. What is broken around us is retried for ever; a batch that fails for what is
  /// in it is halved until the poisoned record stands alone, and that becomes a dead letter
  /// `handler-failed`.
  public <T> Uni<Void> consume(
      ConsumerRecords<byte[], byte[]> batch, Decoder<T> decoder, Handler<T> handler) {
    Context context = vertx.getDelegate().getOrCreateContext();
    Uni<Decoded<T>> decoded =
        onContext(context, vertx.executeBlocking(() -> decode(batch, decoder), false));
    return untilAvailable(context, decoded)
        .chain(it ->
            untilAvailable(context, prepared(context, it.events, handler))
                .chain(events -> handle(context, events, it.letters, handler)));
  }

  private static <T> Uni<List<Received<T>>> prepared(
      Context context, List<Received<T>> events, Handler<T> handler) {
    return onContext(context, Uni.createFrom().deferred(() -> handler.prepare(events)));
  }

  private <T> Decoded<T> decode(ConsumerRecords<byte[], byte[]> batch, Decoder<T> decoder) {
    List<Received<T>> events = new ArrayList<>(batch.count());
    List<DeadLetter> letters = new ArrayList<>();
    Unavailable away = null;
    for (ConsumerRecord<byte[], byte[]> raw : batch) {
      try {
        events.add(decode(raw, decoder));
      } catch (Rejected e) {
        letters.add(DeadLetter.of(raw, e));
      } catch (IllegalArgumentException e) {
        letters.add(new DeadLetter(raw, "shape", String.valueOf(e.getMessage())));
      } catch (Unavailable e) {
        // Said at the end: the others get to ask for what they need too, and all wait once.
        away = e;
      } catch (RuntimeException | StackOverflowError e) {
        // A bug of ours, met by this record alone: it must not stop those behind it.
        LOG.errorf(
            e,
            "Decoder failed on one record topic=%s partition=%d offset=%d",
            raw.topic(),
            raw.partition(),
            raw.offset());
        letters.add(new DeadLetter(raw, "decoder-failed", "could not be read: " + e));
      }
    }
    if (away != null) {
      throw away;
    }
    return new Decoded<>(events, letters);
  }

  private static <T> Received<T> decode(ConsumerRecord<byte[], byte[]> raw, Decoder<T> decoder)
      throws Rejected {
    Envelope envelope;
    try {
      envelope = Envelope.read(raw);
    } catch (Rejected why) {
      return new Received<>(
          decoder.undecodable(raw, why), Envelope.header(raw, "traceparent"), raw);
    }
    return new Received<>(decoder.decode(envelope), envelope.traceparent(), raw);
  }

  private <T> Uni<Void> handle(
      Context context, List<Received<T>> events, List<DeadLetter> letters, Handler<T> handler) {
    List<ConsumerRecord<byte[], byte[]>> read =
        Stream.concat(events.stream().map(Received::raw), letters.stream().map(DeadLetter::raw))
            .toList();
    Uni<Void> once =
        onContext(
            context,
            Uni.createFrom()
                .deferred(() ->
                    epochs.inTransaction(session ->
                        (events.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : handler.handle(session, events))
                            .chain(() -> outbox.deadLetter(session, letters))
                            .chain(() -> positions.keep(session, read)))));
    return untilAvailable(context, once)
        .invoke(() -> positions.committed(read))
        .invoke(() -> letters.forEach(this::count))
        .onFailure()
        .recoverWithUni(failure -> halve(context, events, letters, handler, failure));
  }

  private <T> Uni<Void> halve(
      Context context,
      List<Received<T>> events,
      List<DeadLetter> letters,
      Handler<T> handler,
      Throwable failure) {
    if (events.isEmpty()) {
      return shrink(context, letters, handler, failure);
    }
    if (!letters.isEmpty()) {
      // Apart, so that a letter that can't be stored takes no good event with it; and after them:
      // no position is kept that leaves an event behind.
      return handle(context, events, List.of(), handler)
          .chain(() -> handle(context, List.of(), letters, handler));
    }
    if (events.size() == 1) {
      ConsumerRecord<byte[], byte[]> raw = events.getFirst().raw();
      LOG.errorf(
          failure,
          "Handler failed on one record; dead-lettered topic=%s partition=%d offset=%d",
          raw.topic(),
          raw.partition(),
          raw.offset());
      DeadLetter letter =
          new DeadLetter(raw, "handler-failed", "could not be handled: " + failure.getMessage());
      return handle(context, List.of(), List.of(letter), handler);
    }
    int middle = events.size() / 2;
    return handle(context, events.subList(0, middle), List.of(), handler)
        .chain(() -> handle(context, events.subList(middle, events.size()), List.of(), handler));
  }

  /// Dead letters that are not taken are stored one by one, and each that is not even then with
  /// less of the stranger's in it, down to where it can be read. What is still not taken is no
  /// fault of the record's: it is tried until it is.
  private <T> Uni<Void> shrink(
      Context context, List<DeadLetter> letters, Handler<T> handler, Throwable failure) {
    if (letters.size() > 1) {
      int middle = letters.size() / 2;
      return handle(context, List.of(), letters.subList(0, middle), handler)
          .chain(
              () -> handle(context, List.of(), letters.subList(middle, letters.size()), handler));
    }
    if (letters.isEmpty()) {
      return Uni.createFrom().failure(failure);
    }
    DeadLetter letter = letters.getFirst();
    Optional<DeadLetter> smaller = letter.smaller();
    LOG.errorf(
        failure,
        "Dead letter could not be stored; tried again %s reason=%s topic=%s partition=%d offset=%d",
        smaller.isPresent() ? "with less in it" : "as it is",
        letter.reason(),
        letter.raw().topic(),
        letter.raw().partition(),
        letter.raw().offset());
    return Uni.createFrom()
        .voidItem()
        .onItem()
        .delayIt()
        .by(smaller.isPresent() ? FIRST_RETRY : SLOWEST_RETRY)
        .chain(() -> handle(context, List.of(), List.of(smaller.orElse(letter)), handler));
  }

  /// Tries again for ever while what is around us is away, and a few times where that is unclear.
  private static <T> Uni<T> untilAvailable(Context context, Uni<T> work) {
    return work.onFailure(Failures::isAway)
        .invoke(failure -> LOG.warnf("Batch waits for what is away cause=%s", failure.toString()))
        .onFailure(Failures::isAway)
        .retry()
        .withBackOff(FIRST_RETRY, SLOWEST_RETRY)
        .indefinitely()
        .onFailure(Failures::isUnclear)
        .retry()
        .withBackOff(FIRST_RETRY, SLOWEST_RETRY)
        .atMost(UNCLEAR_RETRIES)
        .emitOn(task -> context.runOnContext(_ -> task.run()));
  }

  /// A retry is fired by a timer's thread; a session belongs to the event loop that opened it.
  private static <T> Uni<T> onContext(Context context, Uni<T> work) {
    return work.runSubscriptionOn(task -> context.runOnContext(_ -> task.run()));
  }

  private void count(DeadLetter letter) {
    meters
        .counter(
            "countersign.dead.letters", "topic", letter.raw().topic(), "reason", letter.reason())
        .increment();
    LOG.warnf(
        "Record dead-lettered reason=%s topic=%s partition=%d offset=%d",
        letter.reason(), letter.raw().topic(), letter.raw().partition(), letter.raw().offset());
  }
}
