package dev.countersign.messaging;

import io.smallrye.mutiny.Uni;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// What a use case does with a batch, within the transaction that also holds what it publishes. It
/// can be called again with the same events, and must then change nothing.
@FunctionalInterface
public interface Handler<T> {

  Uni<Void> handle(Mutiny.StatelessSession session, List<Received<T>> events);

  /// What must be asked of others about the events, before the transaction begins that would wait
  /// for it. Where it fails it is called again, as a transaction is.
  default Uni<List<Received<T>>> prepare(List<Received<T>> events) {
    return Uni.createFrom().item(events);
  }
}
