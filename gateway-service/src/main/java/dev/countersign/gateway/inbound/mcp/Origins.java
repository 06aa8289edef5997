package dev.countersign.gateway.inbound.mcp;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Which pages may call (Streamable HTTP, Security: DNS rebinding). Only browsers send an origin; a
/// page of elsewhere whose name was bent to our address still sends its own.
@ApplicationScoped
class Origins {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Set<String> SCHEMES = Set.of("http", "https");

  private final Set<String> listed;

  @Inject
  Origins(@ConfigProperty(name = "countersign.mcp.origins") Optional<List<String>> listed) {
    this.listed = Set.copyOf(listed.orElse(List.of()));
  }

  void check(@Nullable String origin) throws RpcError {
    if (origin != null && !listed.contains(origin) && !isLoopback(origin)) {
      throw RpcError.foreignOrigin();
    }
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
