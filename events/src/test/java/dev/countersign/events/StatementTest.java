package dev.countersign.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StatementTest {

  private static final ActionId ID = ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d");
  private static final Digest ACTION = Digest.of(new byte[] {1});
  private static final Digest PROMPT = Digest.of(new byte[] {2});
  private static final Digest POLICY = Digest.of(new byte[] {3});
  private static final Instant AT = Instant.parse("2026-11-26T10:00:00.123456Z");
  private static final Instant UNTIL = Instant.parse("2026-11-26T11:00:00Z");
  private static final Assertion ASSERTION =
      new Assertion(
          "YXV0aA",
          "e30",
          "c2ln",
          "Y3JlZA",
          "c3BraQ",
          "localhost",
          URI.create("http://localhost:8082"),
          7);

  private static Statement statement(
      @Nullable List<VoteChallenge.Item> set, @Nullable Assertion assertion) {
    return Statement.of(
        ACTION,
        new Statement.Approval(
            ID,
            Answer.APPROVE,
            "alice",
            AT,
            assertion == null ? Assurance.CODE : Assurance.PASSKEY,
            JsonNodeFactory.instance.objectNode().put("title", "Send EUR 48,200.00"),
            PROMPT,
            POLICY,
            1,
            "bm9uY2U",
            UNTIL,
            null,
            set,
            assertion));
  }

  @Test
  void itIsAnInTotoStatementWithThePredicateOfTheContract() {
    assertEquals(
        """
        {"_type":"https://in-toto.io/Statement/v1",\
        "subject":[{"name":"018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d","digest":{"sha256":"%s"}}],\
        "predicateType":"urn:countersign:approval:v1",\
        "predicate":{"actionId":"018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d","answer":"approve",\
        "approver":"alice","at":"2026-11-26T10:00:00.123456Z","assurance":"passkey",\
        "prompt":{"title":"Send EUR 48,200.00"},"promptDigest":"%s","policyVersion":"%s",\
        "ticketVersion":1,"nonce":"bm9uY2U","expiresAt":"2026-11-26T11:00:00Z",\
        "assertion":{"authenticatorData":"YXV0aA","clientDataJSON":"e30","signature":"c2ln",\
        "credentialId":"Y3JlZA","publicKey":"c3BraQ","rpId":"localhost",\
        "origin":"http://localhost:8082","signCountBefore":7}}}\
        """
            .formatted(ACTION.hex(), PROMPT, POLICY),
        new String(EventJson.write(statement(null, ASSERTION)), UTF_8));
  }

  @Test
  void itIsReadAsItWasWritten() {
    VoteChallenge.Item item = statement(null, null).item();
    for (Statement each :
        List.of(
            statement(null, null),
            statement(null, ASSERTION),
            statement(List.of(item, item), ASSERTION))) {
      assertEquals(each, EventJson.read(EventJson.write(each), Statement.class));
    }
  }

  @Test
  void itSaysWhatThePasskeyWasAskedToSign() {
    assertEquals(
        new VoteChallenge.Item(ID, 1, ACTION, PROMPT, Answer.APPROVE, "alice", UNTIL, null),
        statement(null, ASSERTION).item());
  }

  @Test
  void aStatementAboutNoActionOrAboutTwoIsNone() {
    ObjectNode json = (ObjectNode) EventJson.tree(statement(null, null));
    JsonNode subject = json.path("subject").path(0);
    json.putArray("subject").add(subject).add(subject);
    assertThrows(IllegalArgumentException.class, () -> read(json).actionDigest());
    json.putArray("subject").addObject().put("name", "x").putObject("digest").put("sha1", "00");
    assertThrows(IllegalArgumentException.class, () -> read(json).actionDigest());
    json.remove("subject");
    assertThrows(IllegalArgumentException.class, () -> read(json).actionDigest());
  }

  private static Statement read(JsonNode json) {
    return EventJson.read(EventJson.write(json), Statement.class);
  }
}
