package dev.countersign.audit.application;

import static dev.countersign.audit.application.TestRecords.append;
import static dev.countersign.audit.application.TestRecords.event;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Whoever may write to a topic writes there as much as they like.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = TestTicketKeys.class, scope = TestResourceScope.GLOBAL)
class EvidenceLimitsTest {

  @Inject AppendToLog log;

  private final ActionId id = new ActionId(UUID.randomUUID());

  private void write(int records, String value) {
    append(
        log,
        IntStream.range(0, records).mapToObj(_ -> event(Topics.TICKET_SEEN, id, value)).toList());
  }

  private void assertTooMuch(String path) {
    given()
        .get("/v1/evidence/" + id + path)
        .then()
        .statusCode(422)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:countersign:problem:too-many-records"));
  }

  @Test
  void anActionThatIsFloodedHasNoFileRatherThanAPart() {
    write(FindEvidence.MOST_ENTRIES, "{}");
    given()
        .get("/v1/evidence/" + id)
        .then()
        .statusCode(200)
        .body("entries", hasSize(FindEvidence.MOST_ENTRIES));
    write(1, "{}");
    assertTooMuch("");
    assertTooMuch(".pdf");
  }

  @Test
  void whatIsFewAndLargeIsTooMuchToo() {
    String large = "\"" + "x".repeat(FindEvidence.MOST_BYTES / 5) + "\"";
    for (int i = 0; i < 4; i++) {
      append(log, List.of(event(Topics.TICKET_SEEN, id, large)));
    }
    given().get("/v1/evidence/" + id).then().statusCode(200);
    append(log, List.of(event(Topics.TICKET_SEEN, id, large)));
    assertTooMuch("");
  }
}
