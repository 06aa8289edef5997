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
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import javax.sql.DataSource;
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

  @Inject
  @SuppressWarnings("NullAway.Init")
  DataSource database;

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
  }

  @Test
  void theHigherNumberIsTheLaterFindingWhateverTheClocksSay() throws Exception {
    Samples sample = Samples.of(new ActionId(UUID.randomUUID()), "48200.00");
    Oversight first = sample.found(Oversight.Finding.NO_EFFECT, 1);
    Oversight second = sample.found(Oversight.Finding.TOOK_EFFECT, 2);
    assertTrue(first.at().isAfter(second.at()));
    wire.publish(sample.execution(Execution.Status.UNKNOWN));
    wire.publish(second);
    until(sample.actionId(), it -> it.has("reconciled"));
    long version = version(sample.actionId());

    // The earlier ones come late, and under the same key, so after them, another one that counts.
    wire.publish(sample.found(Oversight.Finding.NO_EFFECT, true));
    wire.publish(first);
    Oversight third = sample.found(Oversight.Finding.TOOK_EFFECT, 3);
    wire.publish(third);
    until(
        sample.actionId(),
        it -> it.path("reconciled").path("at").asText().equals(third.at().toString()));
    assertEquals(version + 1, version(sample.actionId()), "the earlier ones replaced none");
  }

  @Test
  void ofTwoThatComeTogetherTheHigherNumberCounts() throws Exception {
    Samples sample = Samples.of(new ActionId(UUID.randomUUID()), "48200.00");
    wire.publishAll(
        List.of(
            sample.execution(Execution.Status.UNKNOWN),
            sample.found(Oversight.Finding.TOOK_EFFECT, 2),
            sample.found(Oversight.Finding.NO_EFFECT, 1),
            sample.found(Oversight.Finding.NO_EFFECT, true)));
    JsonNode both = until(sample.actionId(), it -> it.has("reconciled"));
    assertEquals("took-effect", both.path("reconciled").path("finding").textValue());
  }

  @Test
  void whoLooksAtAnOutcomeThatNobodyKnowsIsToldWhenToLookAgain() throws Exception {
    Samples sample = Samples.of(new ActionId(UUID.randomUUID()), "48200.00");
    wire.publish(sample.execution(Execution.Status.UNKNOWN));
    JsonNode unknown = until(sample.actionId(), it -> it.path("status").asText().equals("unknown"));
    assertEquals(300, unknown.path("retryAfter").intValue());
    assertTrue(unknown.path("sayToUser").asText().contains("ask again later"));
    // The last thing that a stream says.
    HttpRequest stream =
        HttpRequest.newBuilder(URI.create(actions + "/" + sample.actionId() + "/events")).build();
    String said = HTTP.send(stream, BodyHandlers.ofString()).body();
    assertTrue(said.contains("\"retryAfter\":300"), said);

    wire.publish(sample.found(Oversight.Finding.NO_EFFECT, 1));
    assertFalse(until(sample.actionId(), it -> it.has("reconciled")).has("retryAfter"));
  }

  /// Grows with each fact that counts.
  private long version(ActionId id) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement row =
            connection.prepareStatement(
                "select version from action where action_id = cast(? as uuid)")) {
      row.setString(1, id.toString());
      try (ResultSet found = row.executeQuery()) {
        assertTrue(found.next());
        return found.getLong(1);
      }
    }
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
