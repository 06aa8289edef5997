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
      assertEquals(credentials, withheld(name), name);
    }
    assertEquals(
        Set.of("COUNTERSIGN_OIDC_SECRET"), SystemPlan.withheldFrom("executor", config).keySet());
  }

  @Test
  void aCredentialIsFoundHoweverYamlSpellsIt() throws IOException {
    Files.writeString(
        config.resolve("connectors.yaml"),
        """
        # of old: {env: OLD_TOKEN}
        connectors:
          payments/wire_transfer:
            credential:
              env: # see the wiki
                COMMENTED
          payments/refund:
            credential: {env: "\\x45SCAPED"}
          payments/cancel:
            credential: {"\\x65nv": KEY_ESCAPED}
          payments/hold:
            credential:
              ? env
              : EXPLICIT
          payments/none:
            credential: {env: {NESTED: x}}
        """);
    assertEquals(Set.of("COMMENTED", "ESCAPED", "KEY_ESCAPED", "EXPLICIT"), withheld("gateway"));
    // Half written, it is in force for nobody; what it will name is withheld all the same.
    Files.writeString(
        config.resolve("connectors.yaml"),
        """
        connectors:
          payments/wire_transfer:
            credential: {env: BANK_TOKEN
        \t]
        """);
    assertEquals(Set.of("BANK_TOKEN"), withheld("gateway"));
    // Nor is one in force that has a member twice, or another document behind it.
    Files.writeString(
        config.resolve("connectors.yaml"),
        """
        connectors:
          payments/refund: {credential: {env: FIRST}}
          payments/refund: {credential: {env: SECOND}}
        ---
        credential: {env: BEHIND}
        """);
    assertEquals(Set.of("FIRST", "SECOND", "BEHIND"), withheld("gateway"));
  }

  private Set<String> withheld(String name) {
    return SystemPlan.withheldFrom(name, config).keySet().stream()
        .filter(each -> !each.startsWith("COUNTERSIGN_"))
        .collect(Collectors.toSet());
  }

  @Test
  void theIdentityProvidersSecretIsTheTicketServicesAlone() {
    assertEquals(Set.of(), SystemPlan.withheldFrom("ticket", config).keySet());
    assertEquals(
        Set.of("COUNTERSIGN_OIDC_SECRET"), SystemPlan.withheldFrom("audit", config).keySet());
  }
}
