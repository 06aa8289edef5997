package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.countersign.sdk.AlreadyDone;
import dev.countersign.sdk.Answer;
import dev.countersign.sdk.Countersign;
import dev.countersign.sdk.NotApproved;
import dev.countersign.sdk.NotPermitted;
import dev.countersign.sdk.Permit;
import dev.countersign.sdk.Proposal;
import dev.countersign.sdk.Redeemer;
import dev.countersign.sdk.Status;
import dev.countersign.sdk.Until;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// What the scripts of the other SDKs do, with Java's.
final class SdkCases {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration A_MOMENT = Duration.ofSeconds(5);

  private final String run = UUID.randomUUID().toString();
  private final Countersign gate;
  private final Redeemer deploys;
  private final BiConsumer<String, String> ask;
  private final ConcurrentLinkedQueue<String> effects = new ConcurrentLinkedQueue<>();

  /// @param ask gets what people are asked to do and the action's id
  SdkCases(URI gateway, URI executor, URI keys, BiConsumer<String, String> ask) {
    this.gate = new Countersign(gateway, Map.of("id", "java-" + run, "session", run), null);
    this.deploys = new Redeemer("releases/deploy", executor, keys, null);
    this.ask = ask;
  }

  /// All at once; what the target must have seen once each.
  List<String> runAll() throws InterruptedException, ExecutionException {
    List<Callable<Void>> cases =
        List.of(
            this::anAllowedActionIsDoneOnceUnderItsKey,
            this::whatThePolicyOrTheSystemSaysNoToIsToldApart,
            this::anApprovedActionIsDoneOnceHoweverOftenItIsAskedFor,
            this::aRejectedActionIsNotDone,
            this::whatWaitsCanBeLeftAndFoundAndTakenBack,
            this::aGrantIsUsedOnceAndForItsParametersAlone,
            this::aGuardedCallRunsOnceThoughTheGatewayDiedMeanwhile);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> each : threads.invokeAll(cases)) {
        each.get();
      }
    }
    return List.copyOf(effects);
  }

  private Proposal proposal(String tool, Map<String, ?> parameters) {
    return Proposal.of(tool, parameters).timeout(PATIENCE);
  }

  private Consumer<Answer> asking(String what) {
    Set<String> asked = new HashSet<>();
    return answer -> {
      String id = answer.actionId();
      if (id != null && asked.add(id)) {
        ask.accept(what, id);
      }
    };
  }

  private Void anAllowedActionIsDoneOnceUnderItsKey() throws Exception {
    String key = Proposal.runKey(run, "allowed");
    Proposal first = proposal("demo/noop", Map.of("n", "Zürich 🚀 " + run)).key(key);
    Answer answer = gate.guard(first).requireSucceeded();
    assertEquals(answer.actionId(), gate.guard(first).requireSucceeded().actionId());
    effects.add(assertNotNullId(answer));
    Answer other = gate.guard(proposal("demo/noop", Map.of("n", "another")).key(key));
    assertEquals(Status.REFUSED, other.status());
    assertEquals("conflict", code(other));
    return null;
  }

  private Void whatThePolicyOrTheSystemSaysNoToIsToldApart() throws Exception {
    Answer denied =
        gate.guard(
            proposal(
                "payments/wire_transfer",
                Map.of(
                    "recipient",
                    Map.of("name", "ACME GmbH", "iban", "DE89370400440532013000"),
                    "amount",
                    "0.00",
                    "currency",
                    "EUR")));
    assertEquals(Status.DENIED, denied.status());
    assertThrows(NotApproved.class, denied::requireSucceeded);
    Map<String, Object> deep = Map.of();
    for (int i = 0; i < 40; i++) {
      deep = Map.of("deeper", deep);
    }
    Answer refused = gate.guard(proposal("demo/noop", deep));
    assertEquals(Status.REFUSED, refused.status());
    assertEquals("too-deep", code(refused));
    return null;
  }

  private Void anApprovedActionIsDoneOnceHoweverOftenItIsAskedFor() throws Exception {
    Proposal deletion =
        proposal("files/delete_files", Map.of("folder", run, "paths", List.of("old")))
            .key(Proposal.runKey(run, "approved"))
            .tell(asking("approve"));
    Answer answer = gate.guard(deletion).requireSucceeded();
    assertEquals(answer.actionId(), gate.guard(deletion).requireSucceeded().actionId());
    effects.add(assertNotNullId(answer));
    return null;
  }

  private Void aRejectedActionIsNotDone() throws Exception {
    Answer answer =
        gate.guard(
            proposal("files/delete_files", Map.of("paths", List.of("all"))).tell(asking("reject")));
    assertEquals(Status.REJECTED, answer.status());
    assertNull(answer.grant());
    return null;
  }

  private Void whatWaitsCanBeLeftAndFoundAndTakenBack() throws Exception {
    Answer answer =
        gate.guard(
            proposal("files/delete_files", Map.of("paths", List.of("some")))
                .timeout(Duration.ZERO));
    assertEquals(Status.WAITING, answer.status());
    String id = assertNotNullId(answer);
    Answer ended = answer;
    while (!ended.status().isFinal()) {
      // A gateway that is away has not heard it.
      gate.cancel(id, "not wanted any more");
      ended = gate.follow(id, A_MOMENT, Until.EXECUTED);
    }
    assertEquals(Status.CANCELLED, ended.status());
    return null;
  }

  private Void aGrantIsUsedOnceAndForItsParametersAlone() throws Exception {
    Map<String, String> parameters =
        Map.of("service", "checkout", "version", "4.2.0-rc1", "environment", "staging");
    Proposal deploy =
        proposal("releases/deploy", parameters).key(Proposal.runKey(run, "delegated"));
    String grant = gate.guard(deploy.until(Until.APPROVED)).requireGrant();
    Map<String, String> changed =
        Map.of("service", "checkout", "version", "4.2.0-rc2", "environment", "staging");
    assertEquals(
        "grant-digest",
        assertThrows(NotPermitted.class, () -> deploys.verifyAndRedeem(grant, changed)).code());
    Permit permit = deploys.verifyAndRedeem(grant, parameters);
    assertEquals("4.2.0-rc1", permit.parameters().path("version").asText());
    assertEquals(
        "used-up",
        assertThrows(NotPermitted.class, () -> deploys.verifyAndRedeem(grant, parameters)).code());
    permit.report(Permit.Outcome.SUCCEEDED, "deployed", "checkout is in staging");
    Answer done = gate.guard(deploy).requireSucceeded();
    assertEquals("tool", done.state().path("execution").path("reportedBy").asText());
    return null;
  }

  private Void aGuardedCallRunsOnceThoughTheGatewayDiedMeanwhile() throws Exception {
    List<String> ran = new ArrayList<>();
    Proposal deploy =
        proposal(
                "releases/deploy",
                Map.of("service", "checkout", "version", "4.2.0", "environment", "production"))
            .key(Proposal.runKey(run, "killed"))
            .tell(asking("approve-after-kill"));
    Countersign.Guarded<Boolean> effect =
        permit -> ran.add(permit.parameters().path("version").asText());
    assertEquals(true, gate.run(deploy, deploys, effect));
    // How it ended comes to the gateway a moment later.
    gate.guard(deploy).requireSucceeded();
    assertThrows(AlreadyDone.class, () -> gate.run(deploy, deploys, effect));
    assertEquals(List.of("4.2.0"), ran);
    return null;
  }

  private static String assertNotNullId(Answer answer) {
    String id = answer.actionId();
    assertNotNull(id);
    return id == null ? "" : id;
  }

  private static String code(Answer answer) {
    Answer.Reason reason = answer.reason();
    return reason == null ? "" : reason.code();
  }
}
