package dev.countersign.executor.application;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Reason;
import dev.countersign.events.Tool;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.HeadersTemplate;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.Probe;
import dev.countersign.executor.domain.Reach;
import dev.countersign.executor.domain.Reading;
import dev.countersign.executor.domain.UrlTemplate;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadPreconditionsTest {

  private static final Tool TOOL = new Tool("watched", "many");

  private final List<CompletableFuture<Reading>> underWay = new ArrayList<>();
  private final AtomicLong clock = new AtomicLong();
  private final ReadPreconditions read =
      new ReadPreconditions(
          () -> new Connectors(Map.of(TOOL, restingOn(8))),
          (_, _, _) -> {
            CompletableFuture<Reading> asked = new CompletableFuture<>();
            underWay.add(asked);
            return Uni.createFrom().completionStage(asked);
          },
          Duration.ofMinutes(1),
          clock::get);

  @Test
  void soManyRequestsAreUnderWayAtOnceHoweverManyAnActionRestsOn() throws Exception {
    int all = 100;

    CompletableFuture<List<Reading>> answer = read(all);

    for (int done = 0; done < all; done++) {
      assertEquals(Math.min(all, 31 + done), underWay.size());
      assertFalse(answer.isDone());
      underWay.get(done).complete(Reading.NOTHING);
    }
    assertEquals(Collections.nCopies(all, Reading.NOTHING), answer.get(30, TimeUnit.SECONDS));
  }

  @Test
  void whatCouldNotBeBegunInTimeIsUnreadAndNobodyWaitsForIt() throws Exception {
    CompletableFuture<List<Reading>> answer = read(500);
    clock.set(Duration.ofSeconds(5).toNanos());
    List.copyOf(underWay).forEach(each -> each.complete(Reading.NOTHING));
    assertEquals(62, underWay.size());

    clock.set(Duration.ofSeconds(10).toNanos());
    underWay.forEach(each -> each.complete(Reading.NOTHING));

    List<Reading> found = answer.get(30, TimeUnit.SECONDS);
    assertEquals(62, underWay.size());
    assertEquals(Collections.nCopies(62, Reading.NOTHING), found.subList(0, 62));
    for (Reading each : found.subList(62, 500)) {
      Reading.Unread unread = assertInstanceOf(Reading.Unread.class, each);
      assertEquals("precondition-unreadable", unread.reason().code());
      assertTrue(unread.reason().text().contains("too much was to be read at once"));
    }
  }

  @Test
  void whatFoundNoRoomIsNotItsTargetsFault() throws Exception {
    Reading theirs = new Reading.Unread(new Reason("precondition-unreadable", "It hangs."), false);
    Reading ours = new Reading.Unread(new Reason("precondition-unreadable", "No room."), true);
    assertEquals(List.of(ours), answered(ours));
    assertEquals(List.of(theirs), answered(theirs));

    assertNotEquals(List.of(theirs), read(1).get(30, TimeUnit.SECONDS));
  }

  /// After a while that is too long for a target that had answered.
  private List<Reading> answered(Reading reading) throws Exception {
    CompletableFuture<List<Reading>> answer = read(1);
    new CompletableFuture<Void>()
        .completeOnTimeout(null, 1_100, TimeUnit.MILLISECONDS)
        .get(30, TimeUnit.SECONDS);
    underWay.getLast().complete(reading);
    return answer.get(30, TimeUnit.SECONDS);
  }

  private CompletableFuture<List<Reading>> read(int actions) {
    return read.read(
            Collections.nCopies(
                actions, new ReadPreconditions.Asked(TOOL, JsonNodeFactory.instance.objectNode())),
            null)
        .subscribeAsCompletionStage();
  }

  private static HttpConnector restingOn(int probes) {
    UrlTemplate url = UrlTemplate.of("http://localhost/");
    return new HttpConnector(
        "POST",
        url,
        new HeadersTemplate(Map.of()),
        null,
        new Reach(Set.of("localhost"), true, null, null),
        Duration.ofSeconds(1),
        false,
        1,
        IntStream.range(0, probes)
            .mapToObj(
                i -> new Probe("It " + i, url, new Probe.Take.Etag(false), Duration.ofSeconds(1)))
            .toList(),
        null,
        Map.of(),
        Floor.NONE);
  }
}
