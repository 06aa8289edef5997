package dev.countersign.messaging;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Expired;
import dev.countersign.events.Reason;
import dev.countersign.events.Topics;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;

/// The smallest service: stores what it hears on one topic and says it again on another.
@ApplicationScoped
class ProbeListener {

  /// How often the next batches are to fail as if a neighbour were away.
  static final AtomicInteger AWAY = new AtomicInteger();

  private final Set<ActionId> asked = ConcurrentHashMap.newKeySet();

  @Inject Inbox inbox;
  @Inject Outbox outbox;

  @Incoming(Topics.EXPIRED)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox.consume(batch, this::decode, this::store);
  }

  private Expired decode(Envelope envelope) throws Rejected {
    Expired event = Decoder.of(Expired.class).decode(envelope);
    if (event.reason().code().equals("asks") && asked.add(event.actionId())) {
      throw new Unavailable("what is asked for the first time");
    }
    return event;
  }

  private Uni<Void> store(Mutiny.StatelessSession session, List<Received<Expired>> events) {
    if (AWAY.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      return Uni.createFrom().failure(new Unavailable("a neighbour"));
    }
    Uni<Void> all = Uni.createFrom().voidItem();
    List<Outgoing> said = new ArrayList<>();
    for (Received<Expired> each : events) {
      Reason reason = each.event().reason();
      if (reason.code().equals("bug")) {
        throw new IllegalStateException("a bug of ours, told at length: " + "x".repeat(5 << 20));
      }
      all = all.chain(() -> insert(session, each.event()));
      said.add(
          new Outgoing(
              new Decision(
                  each.event().actionId(),
                  each.event().at(),
                  Decision.Outcome.DENIED,
                  null,
                  reason,
                  null,
                  null,
                  null,
                  List.of()),
              each.traceparent()));
    }
    return all.chain(() -> outbox.append(session, said));
  }

  private static Uni<Void> insert(Mutiny.StatelessSession session, Expired event) {
    return session
        .createNativeQuery(
            "insert into probe (action_id, text) values (:id, :text) on conflict do nothing")
        .setParameter("id", event.actionId().value())
        .setParameter("text", event.reason().code())
        .executeUpdate()
        .replaceWithVoid();
  }
}
