package dev.countersign.launcher;

import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// Where a broker listens: on `port` of loopback, and if there is a proxy in front of it, on one
/// more port whose advertised address is the proxy's, so that clients that came through it stay
/// with it.
record Listeners(int port, @Nullable Proxied proxied) {

  /// @param bound the port the broker listens on
  /// @param advertised the proxy's port, which clients are told
  record Proxied(int bound, int advertised) {}

  void applyTo(Properties settings, int node) {
    int controller = FreePorts.one();
    String listeners =
        "BROKER://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controller);
    String advertised = "BROKER://127.0.0.1:%d".formatted(port);
    String protocols = "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT";
    if (proxied != null) {
      listeners += ",PROXIED://127.0.0.1:%d".formatted(proxied.bound());
      advertised += ",PROXIED://127.0.0.1:%d".formatted(proxied.advertised());
      protocols += ",PROXIED:PLAINTEXT";
    }
    settings.put("listeners", listeners);
    settings.put("advertised.listeners", advertised);
    settings.put("listener.security.protocol.map", protocols);
    settings.put("inter.broker.listener.name", "BROKER");
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("controller.quorum.voters", "%d@127.0.0.1:%d".formatted(node, controller));
  }
}
