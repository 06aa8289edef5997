package dev.countersign.gateway.inbound;

import dev.countersign.gateway.domain.Caller;
import io.vertx.ext.web.RoutingContext;

/// Who sends a request: [CallerFilter] finds out, before anybody reads it.
public final class Callers {

  private static final String KEY = Callers.class.getName();

  private Callers() {}

  /// The caller. Throws `IllegalStateException` on a path that nobody asked who calls.
  public static Caller of(RoutingContext request) {
    Caller caller = request.get(KEY);
    if (caller == null) {
      throw new IllegalStateException("nobody asked who calls " + request.normalizedPath());
    }
    return caller;
  }

  static void put(RoutingContext request, Caller caller) {
    request.put(KEY, caller);
  }
}
