package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Approver;
import dev.countersign.demo.Json;
import dev.countersign.demo.Mailbox;
import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.flow.WaitingCallers.Heard;
import dev.countersign.flow.WaitingCallers.Way;
import dev.countersign.flow.WholeSystem.Running;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The bar of waiting: 2,000 callers at once, over REST and MCP, cost the gateway little memory and
/// no thread each; and when it is killed, each of them still learns how its own action ended. Needs
/// as many open files here and there.
@ExtendWith(WholeSystem.class)
class WaitingCallersTest {

  private static final int CALLERS = 2_000;
  // The bar is 300 for all of the gateway, of which garbage that nobody has collected yet may be a
  // half: only what comes on top tells something.
  private static final int MOST_MORE_MIB = 200;
  private static final int MOST_THREADS = 100;
  private static final int AT_ONCE = 100;
  // Between the end of one call that waited and the next of the same caller.
  private static final int MOST_BETWEEN = CALLERS / 50;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Json JSON = new Json();

  /// What a process takes, as Linux tells.
  private record Taken(long mib, int threads) {}

  /// One that waits, and for what.
  private record Waiting(Load.Case asked, Way way, CompletableFuture<Heard> heard) {
    ActionId id() {
      return asked.id();
    }
  }

  @Test
  void manyWhoWaitCostLittleAndEachLearnsItsOwnAnswerThoughTheGatewayIsKilled(Running running)
      throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "only Linux says what a process takes");
    Taken before = taken(running);
    say("nobody waits", before);
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka());
        WaitingCallers callers = new WaitingCallers(running.addresses().gateway())) {
      List<Waiting> all = ask(platform, callers);
      assertAllWaitAndCostLittle(running, all, before);
      running.system().kill("gateway");
      running.system().awaitReady("gateway");
      assertAllWaitAndCostLittle(running, all, before);

      answer(running, all.get(0).id(), all.get(1).id());
      cancel(platform, all.subList(2, CALLERS));
      for (Waiting each : all) {
        assertHeardTheOneAnswer(platform, each);
      }
      assertEquals("succeeded", all.get(0).heard().join().status());
      Ended.once(running, platform, List.of(all.get(0).id()), PATIENCE);
      assertEquals("rejected", all.get(1).heard().join().status());
      for (Waiting each : all.subList(2, CALLERS)) {
        assertEquals(new Heard("cancelled", why(each.id())), each.heard().join());
      }
    }
  }

  /// They come one after the other, as agents do, and each lot in one run: it is the same question
  /// again and again, and people get few mails.
  private static List<Waiting> ask(AgentPlatform platform, WaitingCallers callers) {
    List<Way> ways = List.of(Way.GET, Way.CHECK, Way.GET, Way.REQUEST);
    List<Waiting> all = new ArrayList<>();
    while (all.size() < CALLERS) {
      String run = "run-" + UUID.randomUUID();
      for (int i = 0; i < AT_ONCE; i++) {
        Load.Case asked = Load.unanswered(Duration.ofHours(1));
        asked.proposal().withObject("agent").put("session", run);
        Way way = ways.get(i % ways.size());
        all.add(new Waiting(asked, way, callers.ask(asked, way)));
      }
      await(all, () -> asked(platform).containsAll(all.stream().map(Waiting::id).toList()));
    }
    return all;
  }

  private static void await(List<Waiting> all, BooleanSupplier fits) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!fits.getAsBoolean()) {
      // Nobody has answered: whoever is through has heard something wrong, or failed.
      List<Heard> heard =
          all.stream()
              .map(Waiting::heard)
              .filter(Future::isDone)
              .map(CompletableFuture::join)
              .toList();
      assertEquals(List.of(), heard);
      assertTrue(System.nanoTime() < until, "they do not all come to wait");
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  /// About what people are asked.
  private static Set<ActionId> asked(AgentPlatform platform) {
    return platform.records(Topics.TICKET_OPENED).stream()
        .map(each -> ActionId.of(new String(each.key(), StandardCharsets.UTF_8)))
        .collect(Collectors.toSet());
  }

  private static void assertAllWaitAndCostLittle(Running running, List<Waiting> all, Taken before)
      throws IOException {
    await(all, () -> waiting(running) >= CALLERS - MOST_BETWEEN);
    Taken taken = taken(running);
    say("all wait", taken);
    assertTrue(
        taken.mib() - before.mib() < MOST_MORE_MIB,
        () -> "they cost " + taken + " after " + before);
    assertTrue(taken.threads() < MOST_THREADS, () -> "the gateway has threads: " + taken);
  }

  /// How many wait, as the gateway counts them.
  private static long waiting(Running running) {
    return JSON.text(running.addresses().gateway().resolve("/q/metrics"))
        .lines()
        .filter(each -> each.startsWith("countersign_gateway_waiting "))
        .mapToLong(each -> (long) Double.parseDouble(each.substring(each.indexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static Taken taken(Running running) throws IOException {
    List<String> status =
        Files.readAllLines(
            Path.of("/proc", Long.toString(running.system().pid("gateway")), "status"));
    return new Taken(number(status, "VmRSS") / 1024, (int) number(status, "Threads"));
  }

  private static long number(List<String> status, String name) {
    return status.stream()
        .filter(each -> each.startsWith(name + ":"))
        .mapToLong(each -> Long.parseLong(each.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  private static void say(String when, Taken taken) {
    System.out.printf("%s: %d MiB, %d threads%n", when, taken.mib(), taken.threads());
  }

  private static void answer(Running running, ActionId approved, ActionId rejected) {
    URI tickets = running.addresses().ticket();
    Mailbox mailbox = new Mailbox(running.addresses().mail());
    new Approver("carol@acme.example", mailbox, tickets, null)
        .approve(tickets.resolve("/tickets/" + approved));
    new Approver("alice@acme.example", mailbox, tickets, null)
        .reject(tickets.resolve("/tickets/" + rejected), "Not this one.");
  }

  private static String why(ActionId id) {
    return "No more cake for " + id + ".";
  }

  /// All at once, by the other door.
  private static void cancel(AgentPlatform platform, List<Waiting> all) {
    for (Waiting each : all) {
      platform.cancel(new ActionCancelled(each.id(), Instant.now(), "billing-bot", why(each.id())));
    }
  }

  /// What it heard is what was decided, once and for all.
  private static void assertHeardTheOneAnswer(AgentPlatform platform, Waiting waiting)
      throws Exception {
    Heard heard = waiting.heard().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    JsonNode decision = platform.await(Topics.DECISION, waiting.id(), PATIENCE);
    assertEquals(1, Ended.eventIds(platform, waiting.id(), Topics.DECISION, Topics.EXPIRED).size());
    String outcome = decision.path("outcome").asText();
    assertEquals(outcome.equals("approved") ? "succeeded" : outcome, heard.status());
  }
}
