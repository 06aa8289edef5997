package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Timeout;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.flow.WholeSystem.Running;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Invariant 9 and attacks 4, 5 and 17: what strangers can write on the topics neither blocks nor
/// disappears, and runs nothing.
@ExtendWith(WholeSystem.class)
class HostileRecordsTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /// What can be wrong with a proposal that is right otherwise, and the reason on its dead letter.
  private enum Bad {
    NOT_JSON("not-json"),
    OVERSIZED("too-large"),
    DEEP("too-deep"),
    NOT_UTF8("not-utf8"),
    NO_CLOUD_EVENT("envelope");

    private final String reason;

    Bad(String reason) {
      this.reason = reason;
    }

    /// The value of a proposal that has this in it so far that it is bad, or not so far.
    byte[] value(Load.Case it, boolean bad) {
      String proposal = it.proposal().toString();
      String open = proposal.substring(0, proposal.length() - 1);
      return switch (this) {
        case NOT_JSON -> utf8(bad ? open : proposal);
        case OVERSIZED -> utf8(proposal + " ".repeat(bad ? 900_000 : 1_000));
        case DEEP -> {
          int levels = bad ? 20_000 : 20;
          yield utf8(open + ",\"annotations\":" + "[".repeat(levels) + "]".repeat(levels) + "}");
        }
        case NOT_UTF8 ->
            (open + ",\"annotations\":\"M\u00fcller\"}")
                .getBytes(bad ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
        case NO_CLOUD_EVENT -> utf8(proposal);
      };
    }

    Map<String, String> headers(Load.Case it, boolean bad) {
      Map<String, String> headers = new HashMap<>(AgentPlatform.headers(it.id().toString()));
      if (bad && this == NO_CLOUD_EVENT) {
        headers.remove("ce_specversion");
      }
      return headers;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBadProposalIsPutAsideAnsweredAndBlocksNobody(Bad bad, Running running) {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      Load.Case spoilt = Load.deletion();
      produce(platform, bad, spoilt, true);
      // It is good but for this: the next, in which it does not go that far, is.
      Load.Case behind = Load.deletion();
      produce(platform, bad, behind, false);

      ConsumerRecord<byte[], byte[]> letter = letter(platform, spoilt.id());
      assertArrayEquals(bad.value(spoilt, true), letter.value());
      assertEquals(Topics.ACTION_PROPOSED, AgentPlatform.header(letter, "dl_topic"));
      assertEquals(bad.reason, AgentPlatform.header(letter, "dl_reason"));
      JsonNode answer = platform.await(Topics.DECISION, spoilt.id(), PATIENCE);
      assertEquals("refused", answer.path("outcome").asText());
      assertEquals(bad.reason, answer.at("/reason/code").asText());
      assertEquals(
          "succeeded",
          platform.await(Topics.EXECUTION, behind.id(), PATIENCE).path("status").asText());
      assertEquals(0, Ended.effects(running, spoilt.id()));
    }
  }

  private static void produce(AgentPlatform platform, Bad how, Load.Case it, boolean bad) {
    platform.produce(
        Topics.ACTION_PROPOSED, it.id().toString(), how.value(it, bad), how.headers(it, bad));
  }

  @Test
  void aForgedDecisionHasNoEffect(Running running) {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      Load.Case genuine = Load.deletion();
      platform.propose(genuine.id(), genuine.proposal());
      JsonNode decision = platform.await(Topics.DECISION, genuine.id(), PATIENCE);

      ActionId forged = new ActionId(UUID.randomUUID());
      String stolen =
          new String(EventJson.write(decision), StandardCharsets.UTF_8)
              .replace(genuine.id().toString(), forged.toString());
      Map<String, String> headers = new HashMap<>(AgentPlatform.headers(forged.toString()));
      headers.put("ce_type", Topics.type(Topics.DECISION));
      headers.put("ce_source", "urn:countersign:ticket-service");
      platform.produce(Topics.DECISION, forged.toString(), utf8(stolen), headers);

      // Its grant is authentic, and another action's.
      assertEquals("grant-action", AgentPlatform.header(letter(platform, forged), "dl_reason"));
      platform.await(Topics.EXECUTION, genuine.id(), PATIENCE);
      assertEquals(1, Ended.effects(running, genuine.id()));
      assertEquals(0, Ended.effects(running, forged));
      assertTrue(platform.records(Topics.EXECUTION, forged).isEmpty());
    }
  }

  @Test
  void aForgedVerdictRunsNothingBelowTheConnectorsFloor(Running running) {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      ActionId id = new ActionId(UUID.randomUUID());
      Action action =
          new Action(
              new Agent("vandal", null, null, null),
              new Tool("database", "drop_database"),
              JsonNodeFactory.instance.objectNode().put("database", "customers"));
      Verdict allowed =
          new Verdict.Allowed(
              id,
              Instant.now(),
              action,
              action.digest(id),
              JsonNodeFactory.instance.objectNode(),
              List.of(),
              Digest.of(new byte[] {1}));
      Map<String, String> headers = new HashMap<>(AgentPlatform.headers(id.toString()));
      headers.put("ce_type", Topics.type(Topics.VERDICT));
      headers.put("ce_source", "urn:countersign:policy-service");
      platform.produce(Topics.VERDICT, id.toString(), EventJson.write(allowed), headers);

      assertEquals(
          "approved", platform.await(Topics.DECISION, id, PATIENCE).path("outcome").asText());
      JsonNode execution = platform.await(Topics.EXECUTION, id, PATIENCE);
      assertEquals("refused", execution.path("status").asText());
      assertEquals("too-few-approvals", execution.path("reason").path("code").asText());
      assertEquals(0, Ended.effects(running, id));
    }
  }

  @Test
  void aDecisionReplayedThreeTimesRunsOnce(Running running) throws Exception {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      Load.Case genuine = Load.deletion();
      platform.propose(genuine.id(), genuine.proposal());
      JsonNode decision = platform.await(Topics.DECISION, genuine.id(), PATIENCE);
      Map<String, String> headers = new HashMap<>(AgentPlatform.headers(genuine.id().toString()));
      headers.put("ce_type", Topics.type(Topics.DECISION));
      for (int i = 0; i < 3; i++) {
        platform.produce(
            Topics.DECISION, genuine.id().toString(), EventJson.write(decision), headers);
      }
      // Garbage under the same key lies behind them on the partition: once the executor has read
      // it, it has read them.
      platform.produce(Topics.DECISION, genuine.id().toString(), utf8("garbage"), headers);
      // Others who read the topic put it aside too.
      ConsumerRecord<byte[], byte[]> letter = letter(platform, genuine.id());
      Groups.awaitRead(
          running,
          "executor-service",
          new TopicPartition(
              Topics.DECISION, Integer.parseInt(AgentPlatform.header(letter, "dl_partition"))),
          Long.parseLong(AgentPlatform.header(letter, "dl_offset")),
          PATIENCE);
      platform.await(Topics.EXECUTION, genuine.id(), PATIENCE);
      assertEquals(1, Ended.effects(running, genuine.id()));
      assertEquals(1, platform.records(Topics.EXECUTION, genuine.id()).size());
    }
  }

  private static ConsumerRecord<byte[], byte[]> letter(AgentPlatform platform, ActionId id) {
    return platform
        .awaitRecord(Topics.DEAD_LETTER, id, PATIENCE, _ -> true)
        .orElseThrow(() -> new Timeout("no dead letter of " + id));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
