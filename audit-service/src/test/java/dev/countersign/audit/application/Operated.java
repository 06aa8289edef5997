package dev.countersign.audit.application;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/// A service with an operator, which asks Kafka often.
public final class Operated implements QuarkusTestProfile {

  static final String SECRET = "the operator's";

  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of("countersign.operator.secret", SECRET, "countersign.log.compare-every", "PT0.3S");
  }
}
