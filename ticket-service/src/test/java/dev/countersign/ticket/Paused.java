package dev.countersign.ticket;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/// The pause as it is shipped; most tests go without.
public final class Paused implements QuarkusTestResourceLifecycleManager {

  @Override
  public int order() {
    // After MailServer, which takes the pause away.
    return 2;
  }

  @Override
  public Map<String, String> start() {
    return Map.of("countersign.attention.pause", "PT10S");
  }

  @Override
  public void stop() {}
}
