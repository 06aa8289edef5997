package dev.countersign.policy.domain;

import static dev.countersign.policy.domain.Proposals.proposal;

import dev.countersign.events.ActionProposed;
import dev.countersign.policy.outbound.Policies;
import java.time.Instant;
import java.util.List;

/// Evaluations a second on one core with the set that ships. Run by hand: `main`.
final class PolicyEngineBenchmark {

  private PolicyEngineBenchmark() {}

  public static void main(String[] arguments) {
    PolicyEngine engine = Policies.shipped();
    List<ActionProposed> proposals =
        List.of(
            proposal("demo/noop").build(),
            proposal("payments/wire_transfer")
                .parameters(
                    """
                    {"recipient": {"name": "ACME GmbH", "iban": "DE89370400440532013000"},
                     "amount": "48200.00", "currency": "EUR"}\
                    """)
                .build(),
            proposal("database/drop_database").parameters("{\"database\": \"customers\"}").build());
    Instant now = Instant.parse("2026-11-21T10:00:00Z");
    for (ActionProposed proposal : proposals) {
      for (int round = 0; round < 5; round++) {
        int count = 50_000;
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
          var _ = engine.evaluate(proposal, now);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("%s %,.0f evaluations/s%n", proposal.tool(), count / seconds);
      }
    }
  }
}
