package dev.countersign.ticket;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/// A pause, longer than a slow machine takes for what may not be done meanwhile; most tests go
/// without.
public final class Paused implements QuarkusTestResourceLifecycleManager {

  @Override
  public int order() {
    // After MailServer, which takes the pause away.
    return 2;
  }

  @Override
  public Map<String, String> start() {
    return Map.of("countersign.attention.pause", "PT30S");
  }

  @Override
  public void stop() {}
}
