package dev.countersign.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.countersign.events.EventJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The conversations that all SDKs are tried on.
class ConversationTest {

  private static final JsonNode VECTORS = read();

  private static JsonNode read() {
    try {
      return EventJson.readTree(Files.readAllBytes(Path.of("../vectors/conversations.json")));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<JsonNode> conversations() {
    // A proposal of this SDK has its key before it is asked for, and may be asked for twice.
    return StreamSupport.stream(VECTORS.path("conversations").spliterator(), false)
        .filter(one -> !one.path("drawn").asBoolean());
  }

  /// The gateway and the clock are a script's.
  private static final class Script {
    private final Iterator<JsonNode> steps;
    private long nanos = 1_000_000_000_000L;

    Script(JsonNode steps) {
      this.steps = steps.elements();
    }

    Door.Reply send(
        String method, String path, byte @Nullable [] body, Map<String, String> headers, int wait)
        throws IOException {
      JsonNode step = steps.next();
      assertEquals(step.path("send").asText(), method + " " + path);
      if (method.equals("POST")) {
        assertEquals(VECTORS.path("key").asText(), headers.get("idempotency-key"));
        assertEquals("{}", new String(body == null ? new byte[0] : body, StandardCharsets.UTF_8));
      }
      pass(step.path("takes").asDouble());
      JsonNode reply = step.path("reply");
      if (reply.has("unheard")) {
        throw new IOException(reply.path("unheard").asText());
      }
      return new Door.Reply(
          reply.path("status").asInt(),
          reply.has("json") ? reply.path("json") : MissingNode.getInstance(),
          reply.has("retryAfter") ? reply.path("retryAfter").asDouble() : null);
    }

    void pause(Duration time) {
      JsonNode step = steps.next();
      assertEquals(step.path("pause").asDouble(-1), time.toNanos() / 1e9, 1e-6, step::toString);
      pass(step.path("pause").asDouble());
    }

    private void pass(double seconds) {
      nanos += Math.round(seconds * 1e9);
    }
  }

  @ParameterizedTest
  @MethodSource("conversations")
  void everyConversationGoesAsItIsWritten(JsonNode one) throws Exception {
    Script script = new Script(one.path("steps"));
    List<String> told = new ArrayList<>();

    Answer answer =
        new Conversation(
                script::send,
                () -> script.nanos,
                script::pause,
                VECTORS.path("key").asText(),
                Duration.ofMillis(Math.round(one.path("timeout").asDouble() * 1000)),
                one.path("until").asText().equals("approved") ? Until.APPROVED : Until.EXECUTED,
                it -> told.add(it.sayToUser()))
            .propose("{}".getBytes(StandardCharsets.UTF_8));

    JsonNode expected = one.path("answer");
    assertTrue(!script.steps.hasNext(), "all of it was said");
    assertEquals(expected.path("status").asText(), answer.status().toString());
    if (expected.has("grant")) {
      assertEquals(expected.path("grant").textValue(), answer.grant());
    }
    if (expected.has("reason")) {
      Answer.Reason reason = answer.reason();
      assertEquals(expected.path("reason").asText(), reason == null ? "" : reason.code());
    }
    assertTrue(answer.toString().contains(answer.sayToUser()), answer::toString);
    assertTrue(
        Stream.of("grant", "eyJ", "execution", "response", "decision")
            .noneMatch(answer.toString()::contains),
        answer::toString);
    if (expected.has("sayToUser")) {
      assertEquals(expected.path("sayToUser").asText(), answer.sayToUser());
    }
    if (one.has("told")) {
      List<String> sentences = new ArrayList<>();
      one.path("told").forEach(it -> sentences.add(it.asText()));
      assertEquals(sentences, told);
    }
    if (expected.has("reconciled")) {
      Answer.Reconciled found = answer.reconciled();
      assertEquals(expected.path("reconciled").asText(), found == null ? "" : found.finding());
    }
    mustBeAYesOrThrow(
        answer,
        expected.path("succeeded").asBoolean(answer.status() == Status.SUCCEEDED),
        expected.path("done").asBoolean(answer.status() == Status.SUCCEEDED));
  }

  private static void mustBeAYesOrThrow(Answer answer, boolean succeeded, boolean done)
      throws Exception {
    if (succeeded) {
      answer.requireSucceeded();
    } else {
      NotApproved no = assertThrows(NotApproved.class, answer::requireSucceeded);
      assertTrue(String.valueOf(no.getMessage()).contains(answer.sayToUser()));
    }
    if (done) {
      assertThrows(AlreadyDone.class, answer::requireGrant);
    } else if (answer.status() == Status.APPROVED) {
      assertEquals(answer.grant(), answer.requireGrant());
    } else {
      assertNull(answer.grant());
      assertThrows(NotApproved.class, answer::requireGrant);
    }
  }

  @Test
  void aKeyIsOneThatTheGatewayTakesAsItIs() {
    Proposal proposal = Proposal.of("a/b", Map.of());
    for (String key : List.of("", " a", "a ", "\"a\"", "ü", "a\n", "x".repeat(256))) {
      assertThrows(IllegalArgumentException.class, () -> proposal.key(key), key);
    }
    JsonNode known = VECTORS.path("runKey");
    List<String> parts = new ArrayList<>();
    known.path("parts").forEach(it -> parts.add(it.asText()));
    assertEquals(
        known.path("key").asText(),
        proposal.key(Proposal.runKey(parts.toArray(String[]::new))).key());
    for (String tool : List.of("deploy", "a/", "/b")) {
      assertThrows(IllegalArgumentException.class, () -> Proposal.of(tool, Map.of()), tool);
    }
  }
}
