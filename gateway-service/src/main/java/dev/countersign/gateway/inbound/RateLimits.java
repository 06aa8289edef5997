package dev.countersign.gateway.inbound;

import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Pace;
import io.vertx.core.net.SocketAddress;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// How fast callers may come: each agent, and each address that does not say who it is. Who calls
/// without a name from this very machine is not held up: it could take the processor itself.
///
/// Agents and addresses are counted apart, so that a flood from many addresses makes no agent's
/// count be forgotten. Each instance counts by itself.
@ApplicationScoped
class RateLimits {

  private static final int MOST = 20_000;

  /// The least recently used is forgotten.
  private static final class Paces extends LinkedHashMap<String, Pace> {
    private static final long serialVersionUID = 1L;

    private Paces() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Pace> eldest) {
      return size() > MOST;
    }
  }

  private final Pace.Limit limit;
  private final Paces agents = new Paces();
  private final Paces addresses = new Paces();

  @Inject
  RateLimits(
      @ConfigProperty(name = "countersign.agents.rate") int perSecond,
      @ConfigProperty(name = "countersign.agents.burst") int burst) {
    this.limit = new Pace.Limit(perSecond, burst);
  }

  Pace.Limit limit() {
    return limit;
  }

  /// Counts so many requests of this caller; empty where nobody counts them.
  Optional<Pace.Taken> take(Caller caller, int count) {
    long now = System.nanoTime();
    return switch (caller) {
      case Caller.Known it -> Optional.of(take(agents, it.id(), count, now));
      case Caller.Anonymous it when isThisMachine(it.address()) -> Optional.empty();
      case Caller.Anonymous it -> Optional.of(take(addresses, it.address(), count, now));
    };
  }

  private Pace.Taken take(Paces paces, String key, int count, long now) {
    synchronized (paces) {
      return paces.computeIfAbsent(key, _ -> new Pace(limit, now)).take(count, now);
    }
  }

  static String address(@Nullable SocketAddress remote) {
    String address = remote == null ? null : remote.hostAddress();
    return address == null ? "" : address;
  }

  private static boolean isThisMachine(String address) {
    try {
      // Never a name, so nobody is asked.
      return !address.isEmpty() && InetAddress.ofLiteral(address).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      // A socket without an address: whoever it is, they are counted.
      return false;
    }
  }
}
