package dev.countersign.messaging;

import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.vertx.core.Context;
import java.util.Objects;
import java.util.concurrent.Executor;

/// Where database work runs that belongs to no request. A reactive session lives and ends on the
/// context that opened it, so each transaction gets one that nobody else has.
public final class OwnContext {

  private OwnContext() {}

  /// Runs on the event loop of `root`, on a context made anew.
  public static Executor of(Context root) {
    Context own = Objects.requireNonNull(VertxContext.createNewDuplicatedContext(root));
    // Nobody else has it, and Quarkus wants that said before it opens a session on it.
    VertxContextSafetyToggle.setContextSafe(own, true);
    return task -> own.runOnContext(_ -> task.run());
  }
}
