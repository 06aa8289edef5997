package dev.countersign.audit.outbound;

import dev.countersign.messaging.OwnContext;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/// Transactions from wherever they are asked for: each has a context of its own, so that two of one
/// request are not mistaken for one.
@ApplicationScoped
class Sessions {

  private final Mutiny.SessionFactory factory;
  private final Vertx vertx;

  @Inject
  Sessions(Mutiny.SessionFactory factory, Vertx vertx) {
    this.factory = factory;
    this.vertx = vertx;
  }

  /// Runs this in a transaction.
  <T> Uni<T> in(Function<Mutiny.StatelessSession, Uni<T>> work) {
    return Uni.createFrom()
        .deferred(() ->
            Uni.createFrom()
                .deferred(() -> factory.withStatelessTransaction(work))
                .runSubscriptionOn(OwnContext.of(vertx.getDelegate().getOrCreateContext())));
  }
}
