package dev.countersign.audit.outbound;

import dev.countersign.messaging.OwnContext;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.function.Function;
import java.util.function.Supplier;
import org.hibernate.reactive.mutiny.Mutiny;

/// Sessions from wherever they are asked for: each has a context of its own, so that two of one
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
    return ofItsOwn(() -> factory.withStatelessTransaction(work));
  }

  /// Runs what only reads, each statement for itself: a transaction would ask the database twice
  /// more, to begin and to commit.
  <T> Uni<T> reading(Function<Mutiny.StatelessSession, Uni<T>> work) {
    return ofItsOwn(() -> factory.withStatelessSession(work));
  }

  private <T> Uni<T> ofItsOwn(Supplier<Uni<? extends T>> work) {
    return Uni.createFrom()
        .deferred(() ->
            Uni.createFrom()
                .deferred(work)
                .runSubscriptionOn(OwnContext.of(vertx.getDelegate().getOrCreateContext())));
  }
}
