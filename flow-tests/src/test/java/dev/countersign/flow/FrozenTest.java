package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Approver;
import dev.countersign.demo.Enrolment;
import dev.countersign.demo.Mailbox;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.events.Topics;
import dev.countersign.flow.WholeSystem.Running;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The kill switch, through the operator's shell and the admins' pages.
@ExtendWith(WholeSystem.class)
class FrozenTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  // Other tests' agents go on.
  private final String agent = "bot-" + UUID.randomUUID();

  @Test
  void nothingOfWhatIsFrozenRunsUntilTwoAdminsHaveLiftedIt(Running running) throws Exception {
    URI pages = running.addresses().ticket();
    Enrolment enrolment = new Enrolment(running.operator(), pages);
    List<Approver> admins =
        List.of("erin@acme.example", "frank@acme.example").stream()
            .map(each ->
                new Approver(
                    each, new Mailbox(running.addresses().mail()), pages, enrolment.enrol(each)))
            .toList();
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      String freeze =
          find(
              "freeze",
              running.operator().runWell("freeze", "agent", agent, "It deletes too much"));
      assertTrue(running.operator().runWell("freeze").contains("agent " + agent));

      ActionId frozen = propose(platform);
      awaitPermitted(running, platform, frozen);
      // Somebody else's, asked for later, is through.
      Load.Case other = Load.deletion();
      platform.propose(other.id(), other.proposal());
      platform.await(Topics.EXECUTION, other.id(), PATIENCE);
      assertEquals(0, Ended.effects(running, frozen));

      ActionId lift =
          ActionId.of(
              find("ticket", running.operator().runWell("lift", freeze, "Mended"))
                  .replaceFirst(".*/", ""));
      admins.getFirst().approve(admins.getFirst().linkFor(lift));
      assertTrue(running.operator().runWell("freeze").contains(freeze), "one admin is too few");
      admins.getLast().approve(admins.getLast().linkFor(lift));

      assertEquals(
          "succeeded", platform.await(Topics.EXECUTION, lift, PATIENCE).path("status").asText());
      ActionId thawed = propose(platform);
      assertEquals(
          "succeeded", platform.await(Topics.EXECUTION, thawed, PATIENCE).path("status").asText());
      assertEquals(1, Ended.effects(running, thawed));
      // Within its grant's time it runs now, after them it never does.
      String late = platform.await(Topics.EXECUTION, frozen, PATIENCE).path("status").asText();
      assertEquals(late.equals("succeeded") ? 1 : 0, Ended.effects(running, frozen), late);
    } finally {
      // With two admins enrolled the operator could confirm nobody alone any more.
      assertAll(admins.stream().map(each -> each::revokePasskey));
    }
  }

  @Test
  void whatIsFrozenWhileTheExecutorIsAwayIsKnownBeforeItBeginsAnything(Running running)
      throws Exception {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      running.system().holdDown("executor");
      // Much is to be read before the freeze: copies of one event, which count once.
      ActionId key = new ActionId(UUID.randomUUID());
      byte[] others = freeze("bot-" + UUID.randomUUID());
      Map<String, String> headers = AgentPlatform.headers(Topics.OVERSIGHT, key.toString());
      for (int i = 0; i < 5_000; i++) {
        platform.produce(Topics.OVERSIGHT, key.toString(), others, headers);
      }
      platform.produce(
          Topics.OVERSIGHT,
          key.toString(),
          freeze(agent),
          AgentPlatform.headers(Topics.OVERSIGHT, key.toString()));
      ActionId frozen = propose(platform);
      platform.await(Topics.DECISION, frozen, PATIENCE);
      running.system().release("executor");
      running.system().awaitReady("executor");
      awaitPermitted(running, platform, frozen);

      Load.Case other = Load.deletion();
      platform.propose(other.id(), other.proposal());
      platform.await(Topics.EXECUTION, other.id(), PATIENCE);
      assertEquals(0, Ended.effects(running, frozen));
    } finally {
      running.system().release("executor");
    }
  }

  /// Until the executor knows of its grant, and would run it: what it learns of later waits no
  /// less.
  private static void awaitPermitted(Running running, AgentPlatform platform, ActionId id)
      throws Exception {
    Groups.awaitRead(
        running,
        "executor-service",
        platform.awaitRecord(Topics.DECISION, id, PATIENCE, _ -> true).orElseThrow(),
        PATIENCE);
  }

  private static byte[] freeze(String agent) {
    return EventJson.write(
        Oversight.ofFreeze(
            new ActionId(UUID.randomUUID()),
            Instant.now(),
            "operator",
            new Reason("operator", "It deletes too much"),
            new Oversight.Frozen(agent, null)));
  }

  private ActionId propose(AgentPlatform platform) {
    ActionId id = new ActionId(UUID.randomUUID());
    ObjectNode parameters = JsonNodeFactory.instance.objectNode();
    parameters.putArray("paths").add("reports/old-1.csv");
    ObjectNode proposal = AgentPlatform.proposal(id, "files", "delete_files", parameters);
    proposal.withObject("agent").put("id", agent);
    platform.propose(id, proposal);
    return id;
  }

  private static String find(String name, String said) {
    Matcher line = Pattern.compile("^ *" + name + " +(\\S+)", Pattern.MULTILINE).matcher(said);
    assertTrue(line.find(), said);
    return line.group(1);
  }
}
