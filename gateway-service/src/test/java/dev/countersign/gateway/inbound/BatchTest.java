package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.Decision;
import dev.countersign.events.Topics;
import dev.countersign.gateway.Samples;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Several at once, and all of them found again.
@NullMarked
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class BatchTest {

  @TestHTTPResource("/")
  URI base = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  private static String array(Stream<String> proposals) {
    return proposals.collect(Collectors.joining(",\n", "[", "]"));
  }

  @Test
  void eachIsAnsweredByItselfAndThoseProposedShareABatch() throws Exception {
    Door door = Door.of(base);
    Samples first = Samples.fresh();
    Samples second = Samples.fresh();
    Samples taken = Samples.fresh();
    assertEquals(202, door.post("/v1/actions", taken.json()).status());
    Door.Answer answer =
        door.post(
            "/v1/actions/batch",
            array(
                Stream.of(
                    first.json(),
                    "{\"agent\": {}}",
                    Samples.of(taken.actionId(), "9999.00").json(),
                    "7",
                    second.json(),
                    first.json())));
    assertEquals(200, answer.status(), answer::toString);
    List<Integer> statuses = new ArrayList<>();
    answer.body().path("answers").forEach(it -> statuses.add(it.path("status").intValue()));
    assertEquals(List.of(202, 400, 409, 400, 202, 202), statuses, answer::toString);
    // Those that were proposed: one of them twice.
    assertEquals(2, answer.body().at("/batch/size").intValue());
    for (Samples each : List.of(first, second)) {
      ActionProposed published =
          ActionProposed.read(
              wire.about(each.actionId(), Topics.ACTION_PROPOSED, 1).getFirst().value());
      assertEquals(
          answer.text("/batch/id"), published.batch() == null ? "" : published.batch().id());
      assertEquals(each.digest(), published.digest());
    }
    door.published(wire, Topics.ACTION_PROPOSED);
    assertEquals(1, wire.about(first.actionId(), Topics.ACTION_PROPOSED, 1).size());
  }

  @Test
  void aSetCountsWhatBelongsToItAndTheSameActionsAgainAreTheSameSet() throws Exception {
    Door door = Door.of(base);
    Samples alone = Samples.fresh();
    Samples first = Samples.fresh();
    Samples second = Samples.fresh();
    assertEquals(202, door.post("/v1/actions", alone.json()).status());
    Door.Answer once =
        door.post("/v1/actions/batch", array(Stream.of(alone, first, second).map(Samples::json)));
    assertEquals(2, once.body().at("/batch/size").intValue(), once::toString);
    Door.Answer again =
        door.post("/v1/actions/batch", array(Stream.of(second, first, alone).map(Samples::json)));
    assertEquals(once.body().path("batch"), again.body().path("batch"));
    for (Door.Answer answer : List.of(once, again)) {
      List<Integer> statuses = new ArrayList<>();
      answer.body().path("answers").forEach(it -> statuses.add(it.path("status").intValue()));
      assertEquals(List.of(202, 202, 202), statuses, answer::toString);
    }
    Door.Answer none = door.post("/v1/actions/batch", array(Stream.of(alone.json())));
    assertFalse(none.body().has("batch"), none::toString);

    Set<ActionId> ids = Set.of(first.actionId(), second.actionId());
    String id = BatchResource.batchId(new Caller.Known("a", null, null), ids);
    for (Caller other :
        List.of(
            new Caller.Known("b", null, null),
            new Caller.Known("a", "acme", null),
            new Caller.Anonymous("127.0.0.1"))) {
      assertNotEquals(id, BatchResource.batchId(other, ids));
    }
  }

  @Test
  void aRetryUnderTheSameKeyIsTheSameSet() throws Exception {
    Door door = Door.of(base);
    String body = array(Stream.of("1.00", "2.00", "3.00").map(it -> Samples.json(null, it)));
    String key = "run-" + UUID.randomUUID();
    Door.Answer once = door.post("/v1/actions/batch", body, "Idempotency-Key", key);
    Door.Answer again = door.post("/v1/actions/batch", body, "Idempotency-Key", key);
    Set<String> ids = new HashSet<>(once.body().findValuesAsText("actionId"));
    assertEquals(3, ids.size(), once::toString);
    assertEquals(ids, new HashSet<>(again.body().findValuesAsText("actionId")));
    assertEquals(once.body().path("batch"), again.body().path("batch"));
    door.published(wire, Topics.ACTION_PROPOSED);
    for (String each : ids) {
      assertEquals(1, wire.about(ActionId.of(each), Topics.ACTION_PROPOSED, 1).size());
    }
  }

  @Test
  void whatWasCorrectedUnderTheSameKeyIsASetOfItsOwn() throws Exception {
    Door door = Door.of(base);
    String fit = array(Stream.of("1.00", "2.00", "3.00").map(it -> Samples.json(null, it)));
    String unfit = fit.replace("\"3.00\"", "1e400");
    String key = "run-" + UUID.randomUUID();
    Door.Answer once = door.post("/v1/actions/batch", unfit, "Idempotency-Key", key);
    assertEquals(400, once.body().at("/answers/2/status").intValue(), once::toString);
    assertEquals(2, once.body().at("/batch/size").intValue());
    Door.Answer again = door.post("/v1/actions/batch", fit, "Idempotency-Key", key);
    assertEquals(202, again.body().at("/answers/2/status").intValue(), again::toString);
    assertEquals(1, again.body().at("/batch/size").intValue(), again::toString);
    assertNotEquals(once.text("/batch/id"), again.text("/batch/id"));
  }

  @Test
  void theLongestKeyIsGoodForABatchToo() throws Exception {
    Door door = Door.of(base);
    String body = array(Stream.of("1.00", "2.00").map(it -> Samples.json(null, it)));
    String key = UUID.randomUUID() + "k".repeat(255 - 36);
    Door.Answer once = door.post("/v1/actions/batch", body, "Idempotency-Key", key);
    for (int i = 0; i < 2; i++) {
      assertEquals(202, once.body().at("/answers/" + i + "/status").intValue(), once::toString);
    }
    Door.Answer again = door.post("/v1/actions/batch", body, "Idempotency-Key", key);
    Set<String> ids = new HashSet<>(once.body().findValuesAsText("actionId"));
    assertEquals(2, ids.size(), once::toString);
    assertEquals(ids, new HashSet<>(again.body().findValuesAsText("actionId")));
  }

  @Test
  void whatIsNoArrayOfProposalsIsRefusedWhole() throws Exception {
    Door door = Door.of(base);
    String one = Samples.fresh().json();
    for (String bad : List.of("[]", "{}", one, "[" + one, "[" + one + "] 7", "not json", "")) {
      Door.Answer answer = door.post("/v1/actions/batch", bad);
      assertEquals(400, answer.status(), () -> bad + answer);
    }
    Door.Answer many =
        door.post(
            "/v1/actions/batch",
            array(IntStream.range(0, 101).mapToObj(_ -> Samples.fresh().json())));
    assertEquals(400, many.status());
    assertEquals("too-many", many.problem());
    byte[] large = ("[\"" + "x".repeat(1_000_000) + "\"]").getBytes(StandardCharsets.UTF_8);
    assertEquals(
        "too-large", assertThrows(Bounds.OutOfBounds.class, () -> BatchBody.split(large)).code());
    // One that is too large by itself is refused by itself.
    Door.Answer within =
        door.post(
            "/v1/actions/batch",
            "[" + one.replace("250.00", "x".repeat(70_000)) + ", " + Samples.fresh().json() + "]");
    assertEquals(413, within.body().at("/answers/0/status").intValue(), within::toString);
    assertEquals(202, within.body().at("/answers/1/status").intValue(), within::toString);
  }

  @Test
  void twiceTheSameMemberIsSeenInABatchToo() throws Exception {
    String twice = Samples.fresh().json().replace("\"tool\":", "\"tool\": {}, \"tool\":");
    Door.Answer answer = Door.of(base).post("/v1/actions/batch", "[" + twice + "]");
    assertEquals(400, answer.body().at("/answers/0/status").intValue(), answer::toString);
    assertTrue(answer.text("/answers/0/problem/type").endsWith(":duplicate-key"), answer::toString);
  }

  @Test
  void whoLostTheIdsFindsThemBySession() throws Exception {
    Door door = Door.of(base);
    String session = "run " + UUID.randomUUID() + "&x";
    List<Samples> all = Stream.generate(Samples::fresh).limit(15).toList();
    for (int i = 0; i < 15; i += 5) {
      Door.Answer answer =
          door.post(
              "/v1/actions/batch",
              array(
                  all.subList(i, i + 5).stream().map(it -> it.json().replace("run-91c", session))));
      assertEquals(200, answer.status(), answer::toString);
    }
    List<String> proposed =
        new ArrayList<>(all.stream().map(it -> it.actionId().toString()).toList());
    wire.publish(all.get(3).decision(Decision.Outcome.REJECTED));
    String first = "/v1/actions?limit=4&session=" + encoded(session);
    List<String> found = new ArrayList<>();
    String next = first;
    int pages = 0;
    while (!next.isEmpty()) {
      Door.Answer page = door.get(next);
      assertEquals(200, page.status(), page::toString);
      // Of the actions themselves: a decision, once it is in, names its action, too.
      page.body().path("actions").forEach(it -> found.add(it.path("actionId").textValue()));
      if (pages++ == 0) {
        // What comes in meanwhile moves nothing.
        assertEquals(
            202,
            door.post("/v1/actions", Samples.fresh().json().replace("run-91c", session)).status());
      }
      next = page.body().path("next").asText("");
    }
    assertEquals(4, pages);
    List<String> own = new ArrayList<>(found);
    Collections.sort(own);
    Collections.sort(proposed);
    assertEquals(proposed, own, "each once");

    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    String rejected = "/v1/actions?status=rejected&session=" + encoded(session);
    while (door.get(rejected).body().path("actions").isEmpty()) {
      assertTrue(System.nanoTime() < end, "never rejected");
    }
    assertEquals(1, door.get(rejected).body().path("actions").size());
    assertTrue(
        door.get(rejected + "&agent=nobody").body().path("actions").isEmpty(), "of another agent");
  }

  @Test
  void whatIsPublishedIsWithinTheBoundsOfWhatIsSent() throws Exception {
    Door door = Door.of(base);
    Samples within = Samples.of(new ActionId(UUID.randomUUID()), "😀".repeat(15_000));
    assertEquals(202, door.post("/v1/actions", within.json()).status());
    assertTrue(
        wire.about(within.actionId(), Topics.ACTION_PROPOSED, 1).getFirst().value().length
            < Bounds.MAX_BYTES);
    // With the time, and the batch, it would not be judged any more.
    int rest = Samples.of(within.actionId(), "").json().length();
    String full =
        Samples.json(new ActionId(UUID.randomUUID()), "9".repeat(Bounds.MAX_BYTES - rest));
    assertEquals(Bounds.MAX_BYTES, full.length());
    assertEquals(413, door.post("/v1/actions", full).status());
    assertEquals(
        413,
        door.post("/v1/actions/batch", "[" + full + "]").body().at("/answers/0/status").intValue());
  }

  @Test
  void aPageOfLargeActionsIsShorter() throws Exception {
    Door door = Door.of(base);
    String session = "run " + UUID.randomUUID();
    List<Samples> all =
        Stream.generate(() -> Samples.of(new ActionId(UUID.randomUUID()), "9".repeat(60_000)))
            .limit(30)
            .toList();
    for (int i = 0; i < all.size(); i += 10) {
      Stream<String> part =
          all.subList(i, i + 10).stream().map(it -> it.json().replace("run-91c", session));
      assertEquals(200, door.post("/v1/actions/batch", array(part)).status());
    }
    wire.publishAll(all.stream().map(it -> it.decision(Decision.Outcome.APPROVED)).toList());
    for (Samples each : all) {
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (!door.get("/v1/actions/" + each.actionId()).text("/status").equals("approved")) {
        assertTrue(System.nanoTime() < end, "never approved");
      }
    }

    for (String asked : List.of("limit=200", "limit=200&status=approved")) {
      Set<String> found = new HashSet<>();
      String next = "/v1/actions?" + asked + "&session=" + encoded(session);
      int pages = 0;
      while (!next.isEmpty()) {
        Door.Answer page = door.get(next);
        assertEquals(200, page.status(), page::toString);
        assertTrue(page.body().toString().length() < 1_200_000, "a page of any size");
        page.body().path("actions").forEach(it -> found.add(it.path("actionId").textValue()));
        next = page.body().path("next").asText("");
        pages++;
      }
      assertEquals(30, found.size());
      assertEquals(2, pages);
    }
  }

  private static String encoded(String text) {
    return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void aNameThatNoTableTakesKeepsNobodyElseOut() throws Exception {
    Door door = Door.of(base);
    String escaped = "run\\u0000";
    String longName = "x".repeat(50_000);
    List<Samples> sent = Stream.generate(Samples::fresh).limit(5).toList();
    Door.Answer answer =
        door.post(
            "/v1/actions/batch",
            array(
                Stream.of(
                    sent.get(0).json().replace("run-91c", escaped),
                    sent.get(1).json().replace("billing-bot", escaped),
                    sent.get(2).json().replace("billing-bot", longName),
                    sent.get(3).json().replace("run-91c", longName),
                    sent.get(4).json())));
    assertEquals(200, answer.status(), answer::toString);
    for (int i = 0; i < 5; i++) {
      assertEquals(202, answer.body().at("/answers/" + i + "/status").intValue(), "place " + i);
    }
    // Nor does a verdict about such a proposal that came over Kafka.
    List<Samples> heard = new ArrayList<>();
    for (String each : List.of(escaped, longName)) {
      ActionId id = new ActionId(UUID.randomUUID());
      String json = Samples.json(id, "1.00").replace("billing-bot", each);
      heard.add(new Samples(id, ActionProposed.read(json.getBytes(StandardCharsets.UTF_8))));
    }
    heard.add(Samples.fresh());
    wire.publishAll(heard.stream().map(Samples::allowed).toList());
    for (Samples each : heard) {
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (door.get("/v1/actions/" + each.actionId()).status() != 200) {
        assertTrue(System.nanoTime() < end, "never known");
      }
    }
  }

  @Test
  void aQuestionThatMeansNothingIsSaidToBeOne() throws Exception {
    Door door = Door.of(base);
    for (String bad :
        List.of("limit=0", "limit=201", "limit=x", "status=done", "cursor=-1", "session=%00")) {
      Door.Answer answer = door.get("/v1/actions?" + bad);
      assertEquals(400, answer.status(), () -> bad + answer);
      assertEquals(bad.split("=", 2)[0], answer.problem());
    }
    assertFalse(door.get("/v1/actions?limit=1&agent=nobody-at-all").body().has("next"));
  }
}
