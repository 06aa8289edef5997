package dev.countersign.audit.application;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import dev.countersign.testbrowser.Theme;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Ten thousand actions, and the one that is looked for.
@QuarkusTest
@TestProfile(Operated.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchTest extends OperatedLogTest {

  private static final int ACTIONS = 10_000;
  private static final int BATCH = 1_000;

  private final String run = UUID.randomUUID().toString().substring(0, 8);
  private final List<ActionId> ids = IntStream.range(0, ACTIONS).mapToObj(_ -> newId()).toList();
  private boolean logged;

  @BeforeEach
  void log() {
    if (logged) {
      return;
    }
    for (int from = 0; from < ACTIONS; from += BATCH) {
      List<ConsumerRecord<byte[], byte[]>> proposals = new ArrayList<>();
      List<ConsumerRecord<byte[], byte[]>> answers = new ArrayList<>();
      for (int i = from; i < from + BATCH; i++) {
        proposals.add(record(Topics.ACTION_PROPOSED, ids.get(i), proposal(i)));
        if (i % 4 != 0) {
          answers.add(record(Topics.DECISION, ids.get(i), json().put("outcome", outcome(i))));
        }
      }
      // Decisions first, every other time: topics come in any order.
      append(from / BATCH % 2 == 0 ? proposals : answers);
      append(from / BATCH % 2 == 0 ? answers : proposals);
    }
    append(
        List.of(
            record(
                Topics.VOTE_RECORDED,
                ids.get(77),
                json().put("approver", "Carol-" + run + "@acme.example"))));
    append(
        List.of(
            record(Topics.EXECUTION, ids.get(79), json().put("status", "precondition-failed"))));
    awaitIndexed();
    logged = true;
  }

  private ObjectNode proposal(int i) {
    ObjectNode proposal = json();
    proposal.set("agent", agent("Bot-" + i % 10 + "-" + run, "person-" + i % 20 + "-" + run));
    proposal.set("tool", tool("set-" + i % 5 + "-" + run, "tool-" + i % 50));
    return proposal;
  }

  private static String outcome(int i) {
    return switch (i % 4) {
      case 1 -> "approved";
      case 2 -> "rejected";
      default -> "denied";
    };
  }

  @Test
  void anActionIsFoundByItsId() {
    JsonNode found = page("/v1/actions?action=" + ids.get(4_711)).get("actions");
    assertEquals(1, found.size());
    assertEquals(ids.get(4_711).toString(), found.get(0).get("actionId").asText());
    assertEquals("Bot-1-" + run, found.get(0).get("agent").asText());
    assertEquals("set-1-" + run + "/tool-11", found.get(0).get("tool").asText());
    assertEquals("denied", found.get(0).get("outcome").asText());
    assertEquals("person-11-" + run, found.get(0).get("people").get(0).asText());
    assertEquals(2, found.get(0).get("entries").intValue());
  }

  @Test
  void byAgentHoweverItIsSpelt() {
    assertEquals(ACTIONS / 10, all("agent=BOT-3-" + run).size());
  }

  @Test
  void whoProposedIsNotWhomTheirProposalNamesElsewhere() {
    for (JsonNode action :
        List.of(json().set("agent", agent("Fake-" + run, "x")), tool("x", "x"))) {
      ActionId id = newId();
      ObjectNode proposal = json();
      proposal.set("agent", agent("True-" + run, "y"));
      proposal.set("tool", tool("true-" + run, "t"));
      append(List.of(record(Topics.ACTION_PROPOSED, id, proposal.set("action", action))));
      awaitIndexed();
      assertEquals(List.of(id.toString()), all("agent=true-" + run + "&action=" + id));
    }
    assertEquals(List.of(), all("agent=fake-" + run));
  }

  @Test
  void byPerson() {
    assertEquals(ACTIONS / 20, all("person=person-7-" + run).size());
    assertEquals(List.of(ids.get(77).toString()), all("person=carol-" + run + "@acme.example"));
  }

  @Test
  void byToolByToolsetAndByBoth() {
    assertEquals(ACTIONS / 5, all("tool=set-2-" + run).size());
    assertEquals(ACTIONS / 50, all("tool=set-2-" + run + "/tool-7").size());
    assertEquals(0, all("tool=set-2-" + run + "/tool-8").size());
    assertEquals(ACTIONS / 50, all("tool=tool-7&agent=bot-7-" + run).size(), "all of it must hold");
  }

  @Test
  void byOutcomeWhicheverCameFirstIntoTheLog() {
    String mine = "&agent=bot-1-" + run;
    assertEquals(500, all("outcome=approved" + mine).size());
    assertEquals(500, all("outcome=denied" + mine).size());
    assertEquals(0, all("outcome=received" + mine).size());
    assertEquals(500, all("outcome=received&agent=bot-0-" + run).size());
    assertEquals(
        List.of(ids.get(79).toString()), all("outcome=precondition-failed&agent=bot-9-" + run));
  }

  @Test
  void byTime() {
    String mine = "&agent=bot-4-" + run;
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    assertEquals(ACTIONS / 10, all("from=" + today.minusDays(1) + "&to=" + today + mine).size());
    assertEquals(0, all("to=" + today.minusDays(2) + mine).size());
    assertEquals(0, all("from=" + Instant.now().plusSeconds(1) + mine).size());
  }

  @Test
  void pagesFollowEachOtherTheNewestFirst() {
    List<String> all = all("agent=bot-5-" + run);
    assertEquals(ACTIONS / 10, new HashSet<>(all).size(), "none twice");
    // Within a batch the log's order is that of the record.
    assertEquals(ids.get(9_995).toString(), all.getFirst());
    assertTrue(all.containsAll(Set.of(ids.get(5).toString())));
  }

  @Test
  void whatCannotBeReadIsAProblem() {
    for (String query :
        List.of("action=1", "from=yesterday", "to=2026-13-01", "outcome=great", "after=x")) {
      given().get("/v1/actions?" + query).then().statusCode(400);
      given().get("/?" + query).then().statusCode(400);
    }
    given().get("/v1/actions?agent=%00&person=%F0%9F%98%80").then().statusCode(200);
  }

  @Test
  void aPageOfTenThousandActionsIsReadFromIndexesAlone() throws SQLException {
    try (Connection owner = connect("audit_migrator");
        Statement sql = owner.createStatement()) {
      sql.execute("analyze action");
      sql.execute("analyze mention");
      sql.execute("analyze leaf");
      for (String wanted :
          List.of(
              "a.agent_key = 'bot-6-" + run + "'",
              "a.toolset = 'set-1-" + run + "' and a.tool = 'tool-6'",
              "a.outcome = 'denied'",
              "a.first < 5000")) {
        String plan = planOfAPage(sql, wanted);
        assertTrue(plan.contains("Index"), plan);
        assertFalse(plan.contains("Seq Scan"), plan);
      }
    }
  }

  private static String planOfAPage(Statement sql, String wanted) throws SQLException {
    StringBuilder plan = new StringBuilder();
    try (ResultSet rows =
        sql.executeQuery(
            """
            explain (costs off)
            select a.action_id,
              (select json_agg(distinct m.person) from mention m
                where m.action_id = a.action_id and m.role in ('approver', 'requester', 'owner', 'by')),
              (select count(*) from leaf l
                where l.action_id = a.action_id and l.topic <> 'attestation')
            from action a where %s order by a.first desc limit 26
            """
                .formatted(wanted))) {
      while (rows.next()) {
        plan.append(rows.getString(1)).append('\n');
      }
    }
    return plan.toString();
  }

  @Test
  void thePagesAreForEverybody() {
    ObjectNode hostile = json();
    hostile.set("agent", agent("<b>evil\u202Etob</b>", "x"));
    hostile.set("tool", tool("payments-" + run, "<script>alert(1)</script>"));
    ActionId evil = newId();
    append(List.of(record(Topics.ACTION_PROPOSED, evil, hostile)));
    awaitIndexed();
    List<String> barriers = new ArrayList<>();
    try (Chromium chromium = Chromium.open(Screen.PHONE)) {
      for (Screen screen : List.of(Screen.PHONE, Screen.DESK)) {
        for (Theme theme : Theme.values()) {
          Locale language = theme == Theme.LIGHT ? Locale.ENGLISH : Locale.GERMAN;
          for (String page : List.of("", "completeness", "?action=no", "?action=" + evil)) {
            chromium.on(screen).in(theme).in(language).go(address.resolve("/" + page));
            String name = page.isEmpty() ? "search" : page.replaceAll("[^a-z]", "");
            name = name.length() > 12 ? "hostile" : name;
            chromium.screenshot(
                name
                    + "-"
                    + screen.name().toLowerCase(Locale.ROOT)
                    + "-"
                    + theme.name().toLowerCase(Locale.ROOT));
            barriers.addAll(chromium.barriers());
            assertTrue(chromium.fits(), page + " is wider than " + screen);
            assertFalse(chromium.has("b"), "no text is markup");
          }
          chromium.go(address.resolve("/?action=" + evil));
          assertTrue(chromium.text().contains("<b>evilU+202Etob</b>"), chromium.text());
        }
      }
      chromium.on(Screen.NARROW).go(address);
      assertTrue(chromium.fits(), "wider than the narrowest");
    }
    assertEquals(List.of(), barriers);
  }

  // --- means

  private static JsonNode page(String path) {
    return EventJson.readTree(given().urlEncodingEnabled(false).get(path).asByteArray());
  }

  /// Ids of all that is found, page by page.
  private static List<String> all(String query) {
    List<String> ids = new ArrayList<>();
    String next = "/v1/actions?" + query;
    while (next != null) {
      JsonNode page = page(next);
      page.get("actions").forEach(each -> ids.add(each.get("actionId").asText()));
      next = page.has("next") ? page.get("next").asText() : null;
    }
    return ids;
  }
}
