package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Oversight;
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
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// What a person found where the outcome is unknown reaches the agent, which the status alone would
/// leave without an answer for good.
@NullMarked
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class ReconciledTest {

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TestHTTPResource("/v1/actions")
  URI actions = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  @Test
  void theLastFindingIsTheOneThatTheAgentIsTold() throws Exception {
    Samples sample = Samples.of(new ActionId(UUID.randomUUID()), "48200.00");
    wire.publishAll(
        List.of(
            sample.decision(Decision.Outcome.APPROVED),
            sample.execution(Execution.Status.UNKNOWN)));
    JsonNode unknown = until(sample.actionId(), it -> it.path("status").asText().equals("unknown"));
    assertFalse(unknown.has("reconciled"));
    assertTrue(unknown.path("sayToUser").asText().contains("a person must look"));

    Oversight first = sample.found(Oversight.Finding.NO_EFFECT, false);
    wire.publish(first);
    JsonNode found = until(sample.actionId(), it -> it.has("reconciled"));
    assertEquals("unknown", found.path("status").textValue());
    assertEquals("no-effect", found.path("reconciled").path("finding").textValue());
    assertEquals(first.at().toString(), found.path("reconciled").path("at").textValue());
    assertTrue(found.path("sayToUser").asText().contains("propose it again under a new id"));
    // Their words are for people: what they saw at the target is none of the agent's business.
    assertFalse(found.toString().contains("list of the day"), found.toString());

    wire.publish(sample.found(Oversight.Finding.TOOK_EFFECT, true));
    JsonNode corrected =
        until(
            sample.actionId(),
            it -> it.path("reconciled").path("finding").asText().equals("took-effect"));
    assertTrue(corrected.path("sayToUser").asText().contains("do not propose it again"));

    // The first one again, in whatever order a broker hands them out: the later one stays.
    wire.publish(first);
    Samples after = Samples.of(new ActionId(UUID.randomUUID()), "48200.00");
    wire.publishAll(
        List.of(
            after.execution(Execution.Status.UNKNOWN),
            after.found(Oversight.Finding.TOOK_EFFECT, true),
            after.found(Oversight.Finding.NO_EFFECT, false)));
    JsonNode both = until(after.actionId(), it -> it.has("reconciled"));
    assertEquals("took-effect", both.path("reconciled").path("finding").textValue());
    assertEquals(
        "took-effect",
        get(sample.actionId()).path("reconciled").path("finding").textValue(),
        "an earlier finding that comes late replaces none");
  }

  private JsonNode get(ActionId id) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(actions + "/" + id + "?wait=0")).build();
    return EventJson.readTree(HTTP.send(request, BodyHandlers.ofByteArray()).body());
  }

  private JsonNode until(ActionId id, Predicate<JsonNode> so) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    JsonNode state = get(id);
    while (!so.test(state)) {
      JsonNode last = state;
      assertTrue(System.nanoTime() < end, () -> "never so: " + last);
      state = get(id);
    }
    return state;
  }
}
