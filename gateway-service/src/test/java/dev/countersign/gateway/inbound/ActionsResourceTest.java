package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Decision;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Notification;
import dev.countersign.events.Topics;
import dev.countersign.gateway.Samples;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The door from outside: HTTP on one side, Kafka on the other, a real database between.
@NullMarked
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class ActionsResourceTest {

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TestHTTPResource("/v1/actions")
  URI actions = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  private record Answer(int status, Map<String, List<String>> headers, JsonNode body) {
    String header(String name) {
      return headers.getOrDefault(name, List.of("")).getFirst();
    }

    String text(String member) {
      return body.path(member).asText();
    }
  }

  private Answer post(String path, String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(actions + path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return answer(HTTP.send(request.build(), BodyHandlers.ofByteArray()));
  }

  private Answer get(ActionId id, String query) throws Exception {
    return asked(id, query).get(60, TimeUnit.SECONDS);
  }

  private CompletableFuture<Answer> asked(ActionId id, String query) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(actions + "/" + id + query)).build();
    return HTTP.sendAsync(request, BodyHandlers.ofByteArray()).thenApply(this::answer);
  }

  private Answer answer(HttpResponse<byte[]> response) {
    return new Answer(
        response.statusCode(), response.headers().map(), EventJson.readTree(response.body()));
  }

  private void published(String topic) throws Exception {
    Door.of(actions.resolve("/")).published(wire, topic);
  }

  /// Long polls until it has this status.
  private Answer until(ActionId id, String status) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    Answer answer = get(id, "");
    while (!answer.text("status").equals(status)) {
      assertTrue(System.nanoTime() < end, () -> "never " + status);
      answer = get(id, "?wait=2");
    }
    return answer;
  }

  @Test
  void aPageThatHadItsNameBentToThisMachineReadsNothing() throws Exception {
    try (Socket socket = new Socket(actions.getHost(), actions.getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /v1/actions HTTP/1.1\r\nHost: pages.example\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
      assertTrue(answer.contains("urn:countersign:problem:foreign-host"), answer);
    }
  }

  @Test
  void aPageOfElsewhereProposesAndCancelsNothing() throws Exception {
    Samples sample = Samples.fresh();
    for (String each : List.of("https://evil.example", "null", "http://localhost.evil.example")) {
      // What a page may send without asking: no header but its own, no content type at all.
      HttpRequest proposal =
          HttpRequest.newBuilder(actions)
              .header("Origin", each)
              .POST(BodyPublishers.ofString(sample.json()))
              .build();
      Answer answer = answer(HTTP.send(proposal, BodyHandlers.ofByteArray()));
      assertEquals(403, answer.status, each);
      assertEquals("urn:countersign:problem:foreign-origin", answer.text("type"));
      assertEquals(403, post("/" + sample.actionId() + "/cancel", "{}", "Origin", each).status);
    }
    assertEquals(404, get(sample.actionId(), "").status, "nothing was filed");
    assertEquals(202, post("", sample.json(), "Origin", "http://localhost:3000").status);
  }

  @Test
  void aProposalIsPublishedAsABinaryCloudEventUnderItsActionId() throws Exception {
    Samples sample = Samples.fresh();
    Answer answer = post("", sample.json(), "traceparent", Wire.TRACE);
    assertEquals(202, answer.status);
    assertEquals("/v1/actions/" + sample.actionId(), answer.header("location"));
    assertEquals("received", answer.text("status"));
    assertEquals(sample.digest().toString(), answer.text("actionDigest"));
    assertEquals("/v1/actions/" + sample.actionId(), answer.body.at("/links/self").asText());

    ConsumerRecord<byte[], byte[]> record =
        wire.about(sample.actionId(), Topics.ACTION_PROPOSED, 1).getFirst();
    assertEquals(sample.actionId().toString(), Wire.text(record.key()));
    assertEquals("1.0", Wire.header(record, "ce_specversion"));
    assertEquals("countersign.action-proposed.v1", Wire.header(record, "ce_type"));
    assertEquals(sample.actionId().toString(), Wire.header(record, "ce_subject"));
    assertEquals("urn:countersign:gateway-service", Wire.header(record, "ce_source"));
    assertEquals("application/json", Wire.header(record, "content-type"));
    assertEquals(Wire.TRACE, Wire.header(record, "traceparent"));
    assertEquals(sample.digest(), ActionProposed.read(record.value()).digest());
  }

  @Test
  void theSameActionAgainGetsTheSameAnswerAndIsPublishedOnce() throws Exception {
    Samples sample = Samples.fresh();
    String reworded =
        sample
            .json()
            .replace("\"parameters\"", "\"intent\": {\"reason\": \"again\"}, \"parameters\"");
    List<CompletableFuture<Answer>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String body = i % 2 == 0 ? sample.json() : reworded;
      all.add(
          CompletableFuture.supplyAsync(() -> {
            try {
              return post("", body);
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          }));
    }
    for (CompletableFuture<Answer> each : all) {
      Answer answer = each.get(30, TimeUnit.SECONDS);
      assertEquals(202, answer.status, answer::toString);
      assertEquals(sample.digest().toString(), answer.text("actionDigest"));
    }
    wire.publish(sample.decision(Decision.Outcome.REJECTED));
    until(sample.actionId(), "rejected");
    Answer later = post("", sample.json());
    assertEquals(200, later.status);
    assertEquals("rejected", later.text("status"));
    published(Topics.ACTION_PROPOSED);
    assertEquals(1, wire.about(sample.actionId(), Topics.ACTION_PROPOSED, 1).size());
  }

  @Test
  void anotherActionUnderTheSameIdIsAConflictAndTheFirstStands() throws Exception {
    Samples first = Samples.fresh();
    assertEquals(202, post("", first.json()).status);
    Answer second = post("", Samples.of(first.actionId(), "9999.00").json());
    assertEquals(409, second.status);
    assertEquals("urn:countersign:problem:conflict", second.text("type"));
    assertEquals("application/problem+json", second.header("content-type"));
    assertEquals(first.digest().toString(), get(first.actionId(), "").text("actionDigest"));
    published(Topics.ACTION_PROPOSED);
    assertEquals(1, wire.about(first.actionId(), Topics.ACTION_PROPOSED, 1).size());
  }

  @Test
  void anActionProposedOnKafkaIsKnownByItsVerdictAndNotPublishedAgain() throws Exception {
    Samples sample = Samples.fresh();
    wire.publish(sample.allowed());
    wire.publish(sample.decision(Decision.Outcome.APPROVED));
    until(sample.actionId(), "approved");
    assertEquals(202, post("", sample.json()).status);
    assertEquals(409, post("", Samples.of(sample.actionId(), "1.00").json()).status);
    published(Topics.ACTION_PROPOSED);
    assertTrue(wire.under(sample.actionId().toString(), Topics.ACTION_PROPOSED).isEmpty());
  }

  @Test
  void whatIsKnownByItsExecutionAloneIsTheActionThatThatNames() throws Exception {
    Samples sample = Samples.fresh();
    wire.publish(sample.execution(Execution.Status.SUCCEEDED));
    until(sample.actionId(), "succeeded");
    assertEquals(200, post("", sample.json()).status);
    assertEquals(409, post("", Samples.of(sample.actionId(), "1.00").json()).status);
  }

  @Test
  void theIdMayStandInTheHeaderOrBeLeftOut() throws Exception {
    String body = Samples.json(null, "250.00");
    ActionId id = Samples.fresh().actionId();
    assertEquals(id.toString(), post("", body, "Idempotency-Key", id.toString()).text("actionId"));
    String named = post("", body, "Idempotency-Key", "invoice " + id).text("actionId");
    assertEquals(named, post("", body, "Idempotency-Key", "invoice " + id).text("actionId"));
    assertEquals(5, UUID.fromString(named).version());
    assertNotEquals(post("", body).text("actionId"), post("", body).text("actionId"));
    Answer two =
        post("", Samples.json(id, "1.00"), "Idempotency-Key", UUID.randomUUID().toString());
    assertEquals(400, two.status);
    assertEquals("urn:countersign:problem:two-ids", two.text("type"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|not-json",
        "nonsense|not-json",
        "[]|not-json",
        "{\"a\":1,\"a\":2}|duplicate-key",
        "{\"agent\":{\"id\":\"x\"},\"parameters\":{}}|shape",
        "{\"agent\":{\"id\":\"x\"},\"tool\":{\"toolset\":\"a\",\"name\":\"b\"}}|shape",
        "{\"actionId\":\"7\",\"agent\":{\"id\":\"x\"},\"tool\":{\"toolset\":\"a\",\"name\":\"b\"},\"parameters\":{}}|shape",
        "{\"agent\":{\"id\":\"x\"},\"tool\":{\"toolset\":\"a\",\"name\":\"b\"},\"parameters\":{\"n\":9007199254740993}}|number",
      })
  void whatIsNoProposalIsRefusedWithACodeAndASentence(String body, String code) throws Exception {
    Answer answer = post("", body);
    assertEquals(400, answer.status);
    assertEquals("urn:countersign:problem:" + code, answer.text("type"));
    assertEquals(400, answer.body.path("status").asInt());
    assertTrue(answer.text("detail").length() > 10, answer::toString);
  }

  @Test
  void depthAndSizeAreBoundedBeforeParsing() throws Exception {
    String deep = "{\"a\":".repeat(20_000 / 2) + "1" + "}".repeat(20_000 / 2);
    assertEquals("urn:countersign:problem:too-deep", post("", deep).text("type"));

    String atTheLimit = Samples.fresh().json();
    atTheLimit = atTheLimit + " ".repeat(64 * 1024 - atTheLimit.length());
    assertEquals(202, post("", atTheLimit).status);

    Answer large = post("", atTheLimit + " ");
    assertEquals(413, large.status);
    assertEquals("urn:countersign:problem:too-large", large.text("type"));
    assertEquals("application/problem+json", large.header("content-type"));
  }

  @Test
  void aBodyThatAnnouncesNoLengthIsBoundedToo() throws Exception {
    Answer large = answer(HTTP.send(unannounced(100_000), BodyHandlers.ofByteArray()));
    assertEquals(413, large.status);
    assertEquals("urn:countersign:problem:too-large", large.text("type"));
    int status;
    try {
      status = HTTP.send(unannounced(10_000_000), BodyHandlers.discarding()).statusCode();
    } catch (IOException closedWhileSending) {
      status = 413;
    }
    assertEquals(413, status);
    assertEquals(202, post("", Samples.fresh().json()).status);
  }

  private HttpRequest unannounced(int bytes) {
    return HttpRequest.newBuilder(actions)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[bytes])))
        .build();
  }

  @Test
  void whatIsUnknownOrMalformedGetsAProblem() throws Exception {
    ActionId nobody = Samples.fresh().actionId();
    for (String query : List.of("", "?wait=10")) {
      Answer unknown = get(nobody, query);
      assertEquals(404, unknown.status);
      assertEquals("urn:countersign:problem:no-such-action", unknown.text("type"));
    }
    assertEquals(404, post("/" + nobody + "/cancel", "{}").status);
    assertEquals(404, HTTP.send(events(nobody, ""), BodyHandlers.ofString()).statusCode());
    assertEquals(400, get(nobody, "?wait=46").status);
    assertEquals(400, get(nobody, "?wait=soon").status);
    assertEquals(400, post("/42/cancel", "{}").status);
    HttpRequest form =
        HttpRequest.newBuilder(actions)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("a=b"))
            .build();
    Answer media = answer(HTTP.send(form, BodyHandlers.ofByteArray()));
    assertEquals(415, media.status);
    assertEquals("urn:countersign:problem:media-type", media.text("type"));
  }

  @Test
  void aLongPollIsWokenByTheDecision() throws Exception {
    Samples sample = Samples.fresh();
    assertEquals(202, post("", sample.json()).status);
    wire.publish(sample.ticketOpened());
    Answer waiting = until(sample.actionId(), "waiting");
    assertEquals("finance", waiting.body.at("/waitingFor/0/groups/0").asText());
    assertEquals(2, waiting.body.at("/waitingFor/0/count").asInt());
    assertEquals("7F-KQ", waiting.text("shortCode"));
    assertEquals("2026-11-21T13:00:00Z", waiting.text("until"));
    assertEquals("5", waiting.header("retry-after"));

    CompletableFuture<Answer> poll = asked(sample.actionId(), "?wait=45");
    long start = System.nanoTime();
    wire.publish(sample.decision(Decision.Outcome.APPROVED));
    Answer approved = poll.get(60, TimeUnit.SECONDS);
    assertTrue(Duration.ofNanos(System.nanoTime() - start).toSeconds() < 40);
    assertEquals("approved", approved.text("status"));
    assertEquals("a.signed.grant", approved.text("grant"));

    CompletableFuture<Answer> last = asked(sample.actionId(), "?wait=45");
    wire.publish(sample.execution(Execution.Status.SUCCEEDED));
    Answer done = last.get(60, TimeUnit.SECONDS);
    assertEquals("succeeded", done.text("status"));
    assertEquals("200", done.body.at("/execution/result/code").asText());
    assertFalse(done.body.has("retryAfter"));
    assertEquals("succeeded", get(sample.actionId(), "?wait=30").text("status"));
  }

  @Test
  void aLongPollThatHearsNothingEndsInTime() throws Exception {
    Samples sample = Samples.fresh();
    assertEquals(202, post("", sample.json()).status);
    long start = System.nanoTime();
    assertEquals("received", get(sample.actionId(), "?wait=1").text("status"));
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    assertTrue(millis >= 1_000 && millis < 30_000, () -> millis + " ms");
  }

  @Test
  void fiveHundredLongPollsWaitOnFewThreads() throws Exception {
    List<Samples> samples = Stream.generate(Samples::fresh).limit(500).toList();
    CompletableFuture<?>[] posts =
        samples.stream()
            .map(it ->
                HTTP.sendAsync(
                    HttpRequest.newBuilder(actions)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(it.json()))
                        .build(),
                    BodyHandlers.discarding()))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(posts).get(60, TimeUnit.SECONDS);

    long before = threads();
    List<CompletableFuture<Answer>> polls =
        samples.stream().map(it -> asked(it.actionId(), "?wait=45")).toList();
    // All are being waited for when a poll that came after them has been.
    assertEquals("received", get(samples.getFirst().actionId(), "?wait=1").text("status"));
    long during = threads();
    wire.publishAll(samples.stream().map(it -> it.decision(Decision.Outcome.DENIED)).toList());
    for (CompletableFuture<Answer> each : polls) {
      assertEquals("denied", each.get(60, TimeUnit.SECONDS).text("status"));
    }
    assertTrue(during - before < 50, () -> before + " threads became " + during);
  }

  /// The service's own, not those of the clients and servers of the tests beside it.
  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("executor-thread-") || name.startsWith("vert.x-"))
        .count();
  }

  private HttpRequest events(ActionId id, String last) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(actions + "/" + id + "/events"));
    return (last.isEmpty() ? request : request.header("Last-Event-ID", last)).build();
  }

  private static List<String> told(List<String> lines) {
    List<String> told = new ArrayList<>();
    String id = "";
    for (String line : lines) {
      if (line.startsWith("id:")) {
        id = line.substring(3).strip();
      } else if (line.startsWith("data:")) {
        JsonNode data = EventJson.readTree(line.substring(5).getBytes(StandardCharsets.UTF_8));
        told.add(id + " " + data.path("status").asText());
      }
    }
    return told;
  }

  @Test
  void theStreamTellsEachStageOnceAndEndsWithTheLast() throws Exception {
    Samples sample = Samples.fresh();
    assertEquals(202, post("", sample.json()).status);
    CompletableFuture<HttpResponse<Stream<String>>> stream =
        HTTP.sendAsync(events(sample.actionId(), ""), BodyHandlers.ofLines());
    HttpResponse<Stream<String>> response = stream.get(20, TimeUnit.SECONDS);
    assertEquals("text/event-stream", response.headers().firstValue("content-type").orElse(""));
    wire.publish(sample.ticketOpened());
    until(sample.actionId(), "waiting");
    wire.publish(sample.decision(Decision.Outcome.APPROVED));
    until(sample.actionId(), "approved");
    wire.publish(sample.execution(Execution.Status.FAILED));
    assertEquals(
        List.of("1 received", "2 waiting", "4 approved", "5 failed"),
        told(response.body().toList()));

    // After a break: only what was not seen, also the stages that passed meanwhile.
    HttpResponse<Stream<String>> again =
        HTTP.send(events(sample.actionId(), "2"), BodyHandlers.ofLines());
    assertEquals(List.of("4 approved", "5 failed"), told(again.body().toList()));
    assertEquals(
        204, HTTP.send(events(sample.actionId(), "5"), BodyHandlers.discarding()).statusCode());
    // An id that was never given is as good as none.
    HttpResponse<Stream<String>> anew =
        HTTP.send(events(sample.actionId(), "7"), BodyHandlers.ofLines());
    assertEquals(
        List.of("1 received", "2 waiting", "4 approved", "5 failed"), told(anew.body().toList()));
  }

  @Test
  void aQuietStreamIsKeptAliveByComments() throws Exception {
    Samples sample = Samples.fresh();
    assertEquals(202, post("", sample.json()).status);
    HttpResponse<Stream<String>> stream =
        HTTP.send(events(sample.actionId(), ""), BodyHandlers.ofLines());
    try (Stream<String> lines = stream.body()) {
      assertTrue(lines.anyMatch(it -> it.startsWith(":")));
    }
  }

  @Test
  void aCancellationIsPublishedOnceAndNotAfterAnAnswer() throws Exception {
    Samples sample = Samples.fresh();
    assertEquals(202, post("", sample.json(), "traceparent", Wire.TRACE).status);
    String cancel = "/" + sample.actionId() + "/cancel";
    assertEquals(202, post(cancel, "{\"reason\": \"not needed any more\"}").status);
    assertEquals(202, post(cancel, "").status);
    ConsumerRecord<byte[], byte[]> record =
        wire.about(sample.actionId(), Topics.ACTION_CANCELLED, 1).getFirst();
    assertEquals("not needed any more", EventJson.readTree(record.value()).path("reason").asText());
    assertEquals(Wire.TRACE, Wire.header(record, "traceparent"));

    wire.publish(sample.decision(Decision.Outcome.CANCELLED));
    until(sample.actionId(), "cancelled");
    Answer late = post(cancel, "{\"reason\": \"really\"}");
    assertEquals(409, late.status);
    assertEquals("urn:countersign:problem:already-answered", late.text("type"));
    assertEquals("cancelled", late.body.at("/action/status").asText());
    published(Topics.ACTION_CANCELLED);
    assertEquals(1, wire.about(sample.actionId(), Topics.ACTION_CANCELLED, 1).size());
    assertEquals(400, post(cancel, "{\"reason\": \"" + "x".repeat(1_001) + "\"}").status);
  }

  @Test
  void eventsInAnyOrderAndTwiceComeToTheSameEnd() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 10; round++) {
      Samples sample = Samples.fresh();
      List<Event> events =
          new ArrayList<>(
              List.of(
                  sample.allowed(),
                  sample.ticketOpened(),
                  sample.ticketSeen(),
                  sample.notification("alice", Notification.Status.ACCEPTED),
                  sample.notification("bob", Notification.Status.FAILED),
                  sample.decision(Decision.Outcome.APPROVED),
                  sample.execution(Execution.Status.SUCCEEDED)));
      events.addAll(List.copyOf(events));
      Collections.shuffle(events, random);
      events.forEach(wire::publish);
      until(sample.actionId(), "succeeded");
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      Answer answer = get(sample.actionId(), "");
      while (!answer.body.has("seenAt") || !answer.body.has("grant")) {
        assertTrue(System.nanoTime() < end, "seed " + seed);
        answer = get(sample.actionId(), "");
      }
      assertEquals("succeeded", answer.text("status"), () -> "seed " + seed);
      assertEquals(sample.digest().toString(), answer.text("actionDigest"));
    }
  }

  @Test
  void theFirstOfTwoAnswersStands() throws Exception {
    Samples sample = Samples.fresh();
    wire.publish(sample.decision(Decision.Outcome.REJECTED));
    wire.publish(sample.decision(Decision.Outcome.APPROVED));
    wire.publish(sample.expired());
    Samples marker = Samples.fresh();
    wire.publish(marker.expired());
    until(marker.actionId(), "expired");
    Answer answer = until(sample.actionId(), "rejected");
    assertFalse(answer.body.has("grant"));
  }

  @Test
  void itIsUnreachableWhileNoMessageGotThroughAndALaterDecisionCounts() throws Exception {
    Samples sample = Samples.fresh();
    assertEquals(202, post("", sample.json()).status);
    wire.publish(sample.ticketOpened());
    wire.publish(sample.notification("alice", Notification.Status.FAILED));
    until(sample.actionId(), "waiting");
    wire.publish(sample.notification("bob", Notification.Status.FAILED));
    Answer unreachable = until(sample.actionId(), "unreachable");
    assertTrue(unreachable.text("sayToUser").contains("7F-KQ"));
    wire.publish(sample.decision(Decision.Outcome.REJECTED));
    until(sample.actionId(), "rejected");
  }

  @Test
  void whoCouldNotBeToldThatItStillWaitsWasReachedBefore() throws Exception {
    Samples sample = Samples.fresh();
    assertEquals(202, post("", sample.json()).status);
    wire.publish(sample.ticketOpened());
    wire.publish(sample.notification("bob", "ask", Notification.Status.FAILED));
    wire.publish(sample.notification("alice", "escalation-1", Notification.Status.FAILED));
    // Of each partition one that is unreachable, so that what stands before it has been read.
    for (ActionId marker : wire.onEachPartition(Topics.NOTIFICATION)) {
      Samples other = Samples.of(marker, "250.00");
      assertEquals(202, post("", other.json()).status);
      wire.publish(other.ticketOpened());
      wire.publish(other.notification("alice", Notification.Status.FAILED));
      wire.publish(other.notification("bob", Notification.Status.FAILED));
      until(marker, "unreachable");
    }
    until(sample.actionId(), "waiting");
    wire.publish(sample.notification("alice", "ask", Notification.Status.FAILED));
    until(sample.actionId(), "unreachable");
  }

  @Test
  void theOpenApiDocumentDescribesEveryPath() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(actions.resolve("/openapi?format=json")).build();
    Answer document = answer(HTTP.send(request, BodyHandlers.ofByteArray()));
    assertTrue(document.text("openapi").startsWith("3.1"), document.text("openapi"));
    JsonNode paths = document.body.path("paths");
    List<String> names = new ArrayList<>();
    paths.fieldNames().forEachRemaining(names::add);
    assertEquals(
        List.of(
            "/.well-known/authzen-configuration",
            "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource/mcp",
            "/access/v1/evaluation",
            "/access/v1/evaluations",
            "/v1/actions",
            "/v1/actions/batch",
            "/v1/actions/{id}",
            "/v1/actions/{id}/cancel",
            "/v1/actions/{id}/events"),
        names.stream().sorted().toList());
    assertEquals(
        """
        get /v1/actions 200 400 401 403 429 503
        post /v1/actions 200 202 400 401 403 409 413 429 503
        post /v1/actions/batch 200 400 401 403 413 429 503
        get /v1/actions/{id} 200 400 401 403 404 429 503
        post /v1/actions/{id}/cancel 202 400 401 403 404 409 413 429 503
        get /v1/actions/{id}/events 200 204 400 401 403 404 429 503
        post /access/v1/evaluation 200 400 401 403 413 429 503
        post /access/v1/evaluations 200 400 401 403 413 429 503
        """,
        Stream.of(
                "get /v1/actions",
                "post /v1/actions",
                "post /v1/actions/batch",
                "get /v1/actions/{id}",
                "post /v1/actions/{id}/cancel",
                "get /v1/actions/{id}/events",
                "post /access/v1/evaluation",
                "post /access/v1/evaluations")
            .map(it -> it + " " + statuses(paths, it.split(" ", 2)) + "\n")
            .collect(Collectors.joining()));
  }

  private static String statuses(JsonNode paths, String... operation) {
    List<String> statuses = new ArrayList<>();
    paths
        .path(operation[1])
        .path(operation[0])
        .path("responses")
        .fieldNames()
        .forEachRemaining(statuses::add);
    return statuses.stream().sorted().collect(Collectors.joining(" "));
  }
}
