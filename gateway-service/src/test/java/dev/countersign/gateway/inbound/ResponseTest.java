package dev.countersign.gateway.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.gateway.ExecutorOfTheTest;
import dev.countersign.gateway.Samples;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// What the target answered reaches the agent to the byte, or it is told why not; how the action
/// ended stands either way.
@NullMarked
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = ExecutorOfTheTest.class, scope = TestResourceScope.GLOBAL)
class ResponseTest {

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final byte[] RECEIPT =
      "{\"receipt\": 7, \"rate\": 1.23456789012345678901}".getBytes(UTF_8);

  @TestHTTPResource("/v1/actions")
  URI actions = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  @SuppressWarnings("NullAway.Init") // injected
  ExecutorOfTheTest.Shelf shelf;

  @Test
  void jsonComesAsItIsInTheStateAndInTheFinalEvent() throws Exception {
    Samples sample = sample();
    shelf.put(sample.actionId(), 200, "application/json", RECEIPT);
    JsonNode state = answered(sample, RECEIPT);
    assertEquals("succeeded", state.path("status").textValue());
    assertEquals(7, state.path("response").path("json").path("receipt").intValue());
    assertEquals("application/json", state.path("response").path("contentType").textValue());
    assertEquals(
        state.path("execution").path("result").path("digest"),
        state.path("response").path("digest"));
    String text = untilThere(sample.actionId(), "");
    assertTrue(text.contains("1.23456789012345678901"), "to the last digit: " + text);
    String events = untilThere(sample.actionId(), "/events");
    assertTrue(events.contains("\"receipt\": 7"), events);
    assertEquals(1, events.split("\"response\"", -1).length - 1, "the final one alone: " + events);
  }

  @Test
  void textComesAsTextAndOtherBytesAsBase64() throws Exception {
    Samples text = sample();
    byte[] words = "grüß dich".getBytes(UTF_8);
    shelf.put(text.actionId(), 200, "text/plain;charset=utf-8", words);
    assertEquals("grüß dich", answered(text, words).path("response").path("text").textValue());

    Samples other = sample();
    byte[] bytes = {0, (byte) 0xff, 1};
    shelf.put(other.actionId(), 200, "application/octet-stream", bytes);
    assertEquals("AP8B", answered(other, bytes).path("response").path("base64").textValue());

    Samples liar = sample();
    byte[] none = "{\"a\": 1, \"a\": 2}".getBytes(UTF_8);
    shelf.put(liar.actionId(), 200, "application/json", none);
    JsonNode response = answered(liar, none).path("response");
    assertTrue(response.path("json").isMissingNode(), response.toString());
    assertEquals("{\"a\": 1, \"a\": 2}", response.path("text").textValue());
  }

  @Test
  void whatIsNotWhatTheExecutionSaysIsNotHandedOn() throws Exception {
    Samples sample = sample();
    shelf.put(sample.actionId(), 200, "application/json", "{\"receipt\": 8}".getBytes(UTF_8));
    JsonNode state = answered(sample, RECEIPT);
    assertEquals("succeeded", state.path("status").textValue());
    assertMissing("altered", state);
  }

  @Test
  void whatCantBeHadIsSaidAndTheStateStands() throws Exception {
    Samples gone = sample();
    shelf.put(gone.actionId(), 410, "application/problem+json", problem("gone"));
    assertMissing("gone", answered(gone, RECEIPT));
    Samples large = sample();
    shelf.put(large.actionId(), 410, "application/problem+json", problem("too-large"));
    assertMissing("too-large", answered(large, RECEIPT));
    Samples away = sample();
    shelf.put(away.actionId(), 503, "application/problem+json", problem("unavailable"));
    assertMissing("away", ended(away, RECEIPT));
    Samples more = sample();
    shelf.put(more.actionId(), 200, "text/plain", new byte[64 * 1024 + 1]);
    assertMissing("away", ended(more, new byte[64 * 1024 + 1]));
    // Nothing was declared: nothing is said.
    assertFalse(answered(sample(), RECEIPT).has("response"));
  }

  private static void assertMissing(String why, JsonNode state) {
    JsonNode response = state.path("response");
    assertEquals(why, response.path("missing").textValue(), state.toString());
    assertFalse(
        response.has("json") || response.has("text") || response.has("base64"), state.toString());
  }

  private static byte[] problem(String code) {
    return ("{\"type\": \"urn:countersign:problem:" + code + "\"}").getBytes(UTF_8);
  }

  private static Samples sample() {
    return Samples.of(new ActionId(UUID.randomUUID()), "48200.00");
  }

  private JsonNode ended(Samples sample, byte[] body) throws Exception {
    Execution plain = sample.execution(Execution.Status.SUCCEEDED);
    wire.publishAll(
        List.of(
            sample.decision(Decision.Outcome.APPROVED),
            new Execution(
                plain.actionId(),
                plain.at(),
                plain.status(),
                1,
                plain.startedAt(),
                plain.finishedAt(),
                plain.actionDigest(),
                new Execution.Result("200", Digest.of(body), "The target answered 200."),
                null)));
    long end = System.nanoTime() + PATIENCE.toNanos();
    JsonNode state = EventJson.readTree(text(sample.actionId(), "").getBytes(UTF_8));
    while (!state.path("status").asText().equals("succeeded")) {
      JsonNode last = state;
      assertTrue(System.nanoTime() < end, () -> "never ended: " + last);
      state = EventJson.readTree(text(sample.actionId(), "").getBytes(UTF_8));
    }
    return state;
  }

  /// As [#ended], and what the executor said of its response.
  private JsonNode answered(Samples sample, byte[] body) throws Exception {
    ended(sample, body);
    return EventJson.readTree(untilThere(sample.actionId(), "").getBytes(UTF_8));
  }

  /// Asked again while the executor, which has two seconds for it, did not come to answer.
  private String untilThere(ActionId id, String path) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String text = text(id, path);
    while (text.contains("\"away\"")) {
      String last = text;
      assertTrue(System.nanoTime() < end, () -> "never there: " + last);
      text = text(id, path);
    }
    return text;
  }

  private String text(ActionId id, String path) throws Exception {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create(actions + "/" + id + path)).build(),
            BodyHandlers.ofString())
        .body();
  }
}
