package dev.countersign.gateway.inbound;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Which pages may call (MCP, Streamable HTTP, Security). Only browsers send an origin: one that a
/// page asked to change something always does (Fetch, "append a request `Origin` header"), and a
/// page of elsewhere whose name was bent to our address sends its own.
@ApplicationScoped
public class Origins {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Set<String> SCHEMES = Set.of("http", "https");

  private final Set<String> listed;

  @Inject
  Origins(@ConfigProperty(name = "countersign.mcp.origins") Optional<List<String>> listed) {
    this.listed = Set.copyOf(listed.orElse(List.of()));
  }

  /// Whether a request with this `Origin` header may be served; without one it is no page's.
  public boolean allow(@Nullable String origin) {
    return origin == null || listed.contains(origin) || isLoopback(origin);
  }

  private static boolean isLoopback(String origin) {
    try {
      URI uri = URI.create(origin);
      return uri.getHost() != null
          && LOOPBACK.contains(uri.getHost())
          && SCHEMES.contains(uri.getScheme());
    } catch (IllegalArgumentException e) {
      // No origin that a browser would send.
      return false;
    }
  }
}
