package dev.countersign.executor.application;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadPreconditionsTest {

  private static final Tool TOOL = new Tool("watched", "many");

  @Test
  void soManyRequestsAreUnderWayAtOnceHoweverManyAnActionRestsOn() throws Exception {
    List<CompletableFuture<Reading>> underWay = new ArrayList<>();
    ReadPreconditions read =
        new ReadPreconditions(
            () -> new Connectors(Map.of(TOOL, restingOn(8))),
            (_, _, _) -> {
              CompletableFuture<Reading> asked = new CompletableFuture<>();
              underWay.add(asked);
              return Uni.createFrom().completionStage(asked);
            },
            Duration.ofMinutes(1));
    int all = 100;

    CompletableFuture<List<Reading>> answer =
        read.read(
                Collections.nCopies(
                    all, new ReadPreconditions.Asked(TOOL, JsonNodeFactory.instance.objectNode())),
                null)
            .subscribeAsCompletionStage();

    for (int begun : List.of(31, 62, 93, all)) {
      assertEquals(begun, underWay.size());
      assertFalse(answer.isDone());
      List.copyOf(underWay).forEach(each -> each.complete(Reading.NOTHING));
    }
    assertEquals(Collections.nCopies(all, Reading.NOTHING), answer.get(30, TimeUnit.SECONDS));
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
