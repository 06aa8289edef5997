package dev.countersign.gateway.inbound;

import dev.countersign.gateway.domain.Caller;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Who sends a request: [CallerFilter] finds out, before anybody reads it.
public final class Callers {

  private static final String KEY = Callers.class.getName();
  private static final String STILL_GOOD = KEY + ".stillGood";

  private Callers() {}

  /// The caller. Throws `IllegalStateException` on a path that nobody asked who calls.
  public static Caller of(RoutingContext request) {
    return known(request, request.<Caller>get(KEY));
  }

  /// Looks once more whether what the caller proved itself with is good: for what is sent long
  /// after it was asked for. It may be called when the request is long over, and fails with {@link
  /// Unavailable} where it cannot be told now.
  public static Supplier<Uni<Boolean>> stillGood(RoutingContext request) {
    return known(request, request.<Supplier<Uni<Boolean>>>get(STILL_GOOD));
  }

  private static <T> T known(RoutingContext request, @Nullable T found) {
    if (found == null) {
      throw new IllegalStateException("nobody asked who calls " + request.normalizedPath());
    }
    return found;
  }

  static void put(RoutingContext request, Caller caller, Supplier<Uni<Boolean>> stillGood) {
    request.put(KEY, caller);
    request.put(STILL_GOOD, stillGood);
  }
}
