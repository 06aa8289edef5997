package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemPlanTest {

  @TempDir private Path config;

  @Test
  void nobodyButTheExecutorInheritsWhatConnectorsAuthenticateWith() throws IOException {
    Files.writeString(
        config.resolve("connectors.yaml"),
        """
        connectors:
          payments/wire_transfer:
            credential: {env: BANK_TOKEN, as: bearer}
          payments/refund:
            credential:
              oauth:
                secret: {"env": "BANK_CLIENT_SECRET"}
            tls:
              identity:
                password:
                  env:   'STORE_PASSWORD'
          payments/cancel:
            credential:
              env:
                NEXT_LINE
          payments/hold:
            credential: {env: >-
              FOLDED, as: bearer}
          files/*:
            environment:
              REGION: ${env.REGION}
        """);
    Set<String> credentials =
        Set.of("BANK_TOKEN", "BANK_CLIENT_SECRET", "STORE_PASSWORD", "NEXT_LINE", "FOLDED");
    for (String name : List.of("kafka", "target", "witness", "gateway", "policy", "ticket")) {
      Set<String> withheld = SystemPlan.withheldFrom(name, config).keySet();
      assertEquals(
          credentials,
          withheld.stream()
              .filter(each -> !each.startsWith("COUNTERSIGN_"))
              .collect(Collectors.toSet()),
          name);
    }
    assertEquals(
        Set.of("COUNTERSIGN_OIDC_SECRET"), SystemPlan.withheldFrom("executor", config).keySet());
  }

  @Test
  void theIdentityProvidersSecretIsTheTicketServicesAlone() {
    assertEquals(Set.of(), SystemPlan.withheldFrom("ticket", config).keySet());
    assertEquals(
        Set.of("COUNTERSIGN_OIDC_SECRET"), SystemPlan.withheldFrom("audit", config).keySet());
  }
}
