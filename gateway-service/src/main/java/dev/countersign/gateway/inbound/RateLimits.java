package dev.countersign.gateway.inbound;

import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Pace;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// How fast callers may come: each agent of a platform, and each address that does not say who it
/// is. Who calls without a name from this very machine is not held up: it could take the processor
/// itself.
///
/// Agents and addresses are counted apart, so that a flood from many addresses makes no agent's
/// count be forgotten. Each instance counts by itself.
@ApplicationScoped
class RateLimits {

  private static final int MOST = 20_000;

  /// The least recently used is forgotten.
  private static final class Paces extends LinkedHashMap<Caller, Pace> {
    private static final long serialVersionUID = 1L;

    private Paces() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Caller, Pace> eldest) {
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

  /// Counts a request of this caller, and says in its answer what is left. A problem where it is
  /// more than may come now.
  Optional<Problem> count(RoutingContext request, Caller caller) {
    return count(request, caller, 1);
  }

  /// Counts each of those that stand in one request, which has been counted itself.
  Optional<Problem> countEach(RoutingContext request, Caller caller, int all) {
    if (all > limit.burst() && paces(caller).isPresent()) {
      return Optional.of(
          Problem.of(
              400,
              "too-many",
              "Too many at once",
              "A caller may ask for "
                  + limit.burst()
                  + " at once; send the rest as another request."));
    }
    return count(request, caller, all - 1);
  }

  private Optional<Problem> count(RoutingContext request, Caller caller, int more) {
    Optional<Pace.Taken> taken = paces(caller).map(it -> take(it, caller.counted(), more));
    taken.ifPresent(it -> say(request.response(), it));
    return taken.filter(it -> !it.granted()).map(it -> Problem.tooFast(it.retryAfter()));
  }

  /// Where this caller is counted; empty where nobody is.
  private Optional<Paces> paces(Caller caller) {
    return switch (caller) {
      case Caller.Known _ -> Optional.of(agents);
      case Caller.Anonymous it when isThisMachine(it.address()) -> Optional.empty();
      case Caller.Anonymous _ -> Optional.of(addresses);
    };
  }

  private Pace.Taken take(Paces paces, Caller whose, int count) {
    long now = System.nanoTime();
    synchronized (paces) {
      return paces.computeIfAbsent(whose, _ -> new Pace(limit, now)).take(count, now);
    }
  }

  /// In the words of draft-ietf-httpapi-ratelimit-headers.
  private void say(HttpServerResponse response, Pace.Taken taken) {
    response
        .putHeader(
            "RateLimit-Policy",
            "\"caller\";q=" + limit.burst() + ";w=" + Problem.seconds(limit.window()))
        .putHeader(
            "RateLimit",
            "\"caller\";r=" + taken.left() + ";t=" + Problem.seconds(taken.untilFull()));
    if (!taken.granted()) {
      response.putHeader("Retry-After", Long.toString(Problem.seconds(taken.retryAfter())));
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
