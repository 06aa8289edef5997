package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Tool;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// `./countersign freeze` and `lift`: the operator stops executions at once and alone, and can only
/// ask for them to go on.
final class Freezing {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration BETWEEN = Duration.ofMillis(50);

  private final JsonDoor ticketService;
  private final JsonDoor executor;
  private final JsonDoor gateway;
  private final Supplier<URI> pages;
  private final PrintStream out;

  Freezing(
      JsonDoor ticketService,
      JsonDoor executor,
      JsonDoor gateway,
      Supplier<URI> pages,
      PrintStream out) {
    this.ticketService = ticketService;
    this.executor = executor;
    this.gateway = gateway;
    this.pages = pages;
    this.out = out;
  }

  /// Freezes, and returns when the executor has it; without words, lists what is frozen.
  int freeze(List<String> words) throws InterruptedException {
    if (words.isEmpty()) {
      return list();
    }
    ObjectNode body = JsonLines.JSON.createObjectNode();
    List<String> reason;
    switch (words.getFirst()) {
      case "all" -> reason = words.subList(1, words.size());
      case "agent", "toolset" -> {
        if (words.size() < 2) {
          throw new StartRefused("name the " + words.getFirst() + ", and say why");
        }
        body.put(words.getFirst(), words.get(1));
        reason = words.subList(2, words.size());
      }
      default ->
          throw new StartRefused(
              "say what: ./countersign freeze all | agent NAME | toolset NAME, and why");
    }
    body.put("reason", String.join(" ", reason));
    String id = ticketService.post("/v1/operator/freezes", body).path("freeze").asText();
    awaitInForce(id);
    out.printf(
        Locale.ROOT,
        """
        countersign: frozen; nothing of it begins any more, and what had begun goes on to its end
          freeze  %s
          page    %s
        To have it lifted by two admins:
          ./countersign lift %s
        """,
        id,
        pages.get().resolve("/freezes"),
        id);
    return 0;
  }

  private int list() throws InterruptedException {
    JsonNode freezes = executor.get("/v1/freezes").path("freezes");
    if (freezes.isEmpty()) {
      out.println("countersign: nothing is frozen");
    }
    for (JsonNode each : freezes) {
      out.printf(
          Locale.ROOT,
          "%s  %s, since %s, by %s: %s%n",
          each.path("freeze").asText(),
          each.path("words").asText(),
          each.path("since").asText(),
          each.path("by").asText(),
          each.path("reason").asText());
    }
    return 0;
  }

  /// Proposes to lift a freeze: the ticket goes to the admins as any other does to its approvers.
  int lift(List<String> words) throws InterruptedException {
    if (words.isEmpty()) {
      throw new StartRefused("say which: ./countersign freeze lists them");
    }
    String id = words.getFirst();
    String frozen = null;
    for (JsonNode each : executor.get("/v1/freezes").path("freezes")) {
      if (each.path("freeze").asText().equals(id)) {
        frozen = each.path("words").asText();
      }
    }
    if (frozen == null) {
      throw new StartRefused("no such freeze is in force; ./countersign freeze lists them");
    }
    String action = UUID.randomUUID().toString();
    ObjectNode proposal = JsonLines.JSON.createObjectNode().put("actionId", action);
    proposal.putObject("agent").put("id", "countersign-operator").put("session", "lift-" + action);
    proposal
        .putObject("tool")
        .put("toolset", Tool.LIFT_FREEZE.toolset())
        .put("name", Tool.LIFT_FREEZE.name());
    proposal.putObject("parameters").put("freeze", id).put("frozen", frozen);
    if (words.size() > 1) {
      proposal.putObject("intent").put("reason", String.join(" ", words.subList(1, words.size())));
    }
    gateway.post("/v1/actions", proposal);
    out.printf(
        Locale.ROOT,
        """
        countersign: proposed to lift the freeze of %s; two admins are asked, by their passkeys
          ticket  %s
        """,
        frozen,
        pages.get().resolve("/tickets/" + action));
    return 0;
  }

  private void awaitInForce(String id) throws InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < until) {
      for (JsonNode each : executor.get("/v1/freezes").path("freezes")) {
        if (each.path("freeze").asText().equals(id)) {
          return;
        }
      }
      LockSupport.parkNanos(BETWEEN.toNanos());
    }
    throw new StartRefused(
        "freeze "
            + id
            + " is filed, and the executor has not heard of it within "
            + PATIENCE
            + "; look at ./countersign logs executor");
  }
}
