package dev.countersign.audit.application;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.audit.domain.Erasure;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Elections;
import dev.countersign.verifier.Salted;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Contents go, proofs stay, and the log says so.
@QuarkusTest
@TestProfile(Operated.class)
class ErasureTest extends OperatedLogTest {

  @Inject Elections elections;

  private final String suffix = UUID.randomUUID().toString().substring(0, 8);
  private final String requester = "Treasury-" + suffix + "@acme.example";
  private final String approver = "bob-" + suffix;
  private final ActionId id = newId();

  private void anAction() {
    ObjectNode proposal = json();
    proposal.set("agent", agent("billing-bot", requester));
    proposal.set("tool", tool("payments", "wire_transfer"));
    append(List.of(record(Topics.ACTION_PROPOSED, id, proposal)));
    append(List.of(record(Topics.VOTE_RECORDED, id, json().put("approver", approver))));
    // As only a decision names them: inside what is signed.
    ObjectNode statement = json();
    statement.putObject("predicate").put("approver", approver);
    ObjectNode decision = json().put("outcome", "rejected");
    decision
        .putArray("attestations")
        .addObject()
        .put("payload", Base64.getEncoder().encodeToString(utf8(statement.toString())));
    append(List.of(record(Topics.DECISION, id, decision)));
    append(List.of(record(Topics.EXPIRED, id, json().put("note", "names nobody"))));
    awaitIndexed();
  }

  @Test
  void whatMentionsAPersonGoesItsProofsStayAndTheLogSaysSo() throws Exception {
    anAction();
    assertEquals(1, found("person=" + approver));
    // However it is spelt.
    JsonNode erased = erase(" " + approver.toUpperCase(Locale.ROOT) + " ", 200);
    assertEquals(2, erased.get("entries").intValue());
    assertEquals(0, erased.get("kept").intValue());

    JsonNode evidence = EventJson.readTree(given().get("/v1/evidence/" + id).asByteArray());
    assertEquals(4, evidence.get("entries").size());
    for (JsonNode entry : evidence.get("entries")) {
      boolean gone = !entry.has("salt");
      assertEquals(
          List.of(Topics.VOTE_RECORDED, Topics.DECISION).contains(entry.get("topic").asText()),
          gone,
          entry.toString());
      assertEquals(gone, !entry.has("event") && !entry.has("value"));
    }
    assertFalse(evidence.toString().contains(approver));
    assertProvenThoughErased();
    Said log = verify(address.toString());
    assertEquals(0, log.exit(), log.text());

    String leaf = leaf(erased.get("leaves").get(0).longValue());
    assertFalse(leaf.contains(approver), leaf);
    JsonNode leafSaid = EventJson.readTree(utf8(leaf));
    assertEquals(2, leafSaid.get("entries").intValue());
    assertEquals("requested", leafSaid.get("reason").textValue());
    // The receipt shows whom it is about.
    assertEquals(
        Salted.payload(
            HexFormat.of().parseHex(erased.get("salt").textValue()),
            approver.getBytes(StandardCharsets.UTF_8)),
        leafSaid.get("person").textValue());
    assertEquals(0, found("person=" + approver));
    assertEquals(1, found("person=" + requester));
    assertEquals(2, actions("action=" + id).get(0).get("erased").intValue());
    erase(approver, 404);
    // The contents of no other entry are touched.
    assertEquals(1, erase(requester, 200).get("entries").intValue());
    assertProvenThoughErased();
  }

  /// Whoever proposes may add members that nobody knows, and a dead letter is of any topic.
  @Test
  void anActionWithinAProposalHidesNobody() throws Exception {
    ObjectNode proposal = json();
    proposal.set("agent", agent("billing-bot-" + suffix, requester));
    proposal.set("tool", tool("payments", "wire_transfer"));
    proposal.putObject("action").set("agent", agent("other-bot-" + suffix, "nobody-" + suffix));
    append(List.of(record(Topics.ACTION_PROPOSED, id, proposal)));
    append(List.of(record(Topics.DEAD_LETTER, id, proposal)));
    append(List.of(record(Topics.VOTE_RECORDED, id, json().put("approver", approver))));
    awaitIndexed();
    assertEquals(0, found("agent=other-bot-" + suffix));
    assertEquals(1, found("agent=billing-bot-" + suffix));
    assertEquals(2, erase(requester, 200).get("entries").intValue());
    assertEquals(1, verifiedContents());
  }

  @Test
  void whoAskedForWhatEndedInANoIsErasedAndItStillVerifies() throws Exception {
    anAction();
    assertEquals(1, erase(requester, 200).get("entries").intValue());
    Said said = verifyEvidence(id);
    assertEquals(0, said.exit(), said.text());
    assertTrue(said.text().contains("was erased and can't be proven any more"), said.text());
  }

  @Test
  void aReasonThatCouldNameSomebodyIsNotTaken() {
    anAction();
    for (String reason : List.of("", "Asked by Bob", "for-" + approver, "x".repeat(61))) {
      asOperator("/v1/operator/erasures", json().put("person", approver).put("reason", reason))
          .then()
          .statusCode(400);
    }
    assertEquals(1, found("person=" + approver));
  }

  @ParameterizedTest
  @CsvSource({
    "alice@acme.example, alice",
    "alice@acme.example, for-alice-7",
    "a.mueller@acme.example, case-mueller",
    "bob@acme.example, for-bob",
    "jürgen@acme.example, asked-by-jurgen",
    "alice1980@acme.example, al.ice",
    "+49 170 1234567, case-1234567",
    "+49 170 1234567, 0170.1234567",
    "+49 170 12 34 56, case-123456",
    "+49 170 1234567, case-170",
  })
  void noPartOfAnAddressOrANumberIsAReason(String person, String reason) {
    asOperator("/v1/operator/erasures", json().put("person", person).put("reason", reason))
        .then()
        .statusCode(400);
  }

  @ParameterizedTest
  @CsvSource({
    "bob@nowhere.test, case-4711",
    "bob@nowhere.test, bobbin",
    "+49 170 1234567, case-17",
    "+49 170 1234567, case-2170",
  })
  void whatIsNoPartOfThemIs(String person, String reason) {
    asOperator("/v1/operator/erasures", json().put("person", person).put("reason", reason))
        .then()
        .statusCode(404);
  }

  /// What is found is what can be read, also of others that an entry named.
  @Test
  void withTheContentGoesWhatTheSearchHasOfIt() throws Exception {
    ObjectNode proposal = json().put("by", "clerk-" + suffix);
    proposal.set("agent", agent("alice-bot-" + suffix, requester));
    proposal.set("tool", tool("payments", "wire_transfer"));
    append(List.of(record(Topics.ACTION_PROPOSED, id, proposal)));
    append(List.of(record(Topics.VOTE_RECORDED, id, json().put("approver", approver))));
    awaitIndexed();
    assertEquals(1, found("agent=alice-bot-" + suffix));
    erase(approver, 200);
    assertEquals(1, found("agent=alice-bot-" + suffix), "the vote did not name it");
    erase(requester, 200);
    JsonNode action = actions("action=" + id).get(0);
    assertFalse(action.has("agent"), action.toString());
    assertFalse(action.has("tool"), action.toString());
    assertEquals(0, found("agent=alice-bot-" + suffix));
    assertEquals(
        0, number("select count(*) from mention where person like '%" + suffix + "%'"), suffix);
    // It comes again, under another record: what stands there now is what is left.
    ObjectNode again = json();
    again.set("agent", agent("other-bot-" + suffix, requester));
    append(List.of(record(Topics.ACTION_PROPOSED, id, again)));
    awaitIndexed();
    assertEquals(1, found("agent=other-bot-" + suffix));
  }

  @Test
  void anIndexThatIsMadeAnewSaysWhatWasErased() throws Exception {
    anAction();
    erase(approver, 200);
    assertEquals(2, actions("action=" + id).get(0).get("erased").intValue());
    try (Connection owner = connect("audit_migrator");
        Statement sql = owner.createStatement()) {
      owner.setAutoCommit(false);
      sql.execute("update indexed set size = 0");
      sql.execute("delete from action");
      sql.execute("delete from mention");
      owner.commit();
    }
    awaitIndexed();
    JsonNode action = actions("action=" + id).get(0);
    assertEquals(2, action.get("erased").intValue());
    assertEquals("billing-bot", action.get("agent").textValue());
    assertEquals(0, found("person=" + approver));
  }

  /// As after a backup was put back: the leaf was read from the topic, and the contents are there.
  private long erasedBeforeTheBackup(String indexes) throws SQLException {
    String listed = text("select string_agg(idx::text, ',') from (" + indexes + ") i");
    List<Long> those = Stream.of(listed.split(",", -1)).map(Long::valueOf).toList();
    var leaf = new Erasure(Instant.now(), "operator", "requested", null, those);
    return log.append(List.of(leaf.entry())).await().atMost(SOON) - 1;
  }

  @Test
  void contentsThatAreBackAreAnAlarmUntilTheyAreErasedAgain() throws Exception {
    anAction();
    long leaf = erasedBeforeTheBackup("select idx from mention where person = '" + approver + "'");
    String alarmed = completeness();
    assertTrue(alarmed.contains("a backup was put back"), alarmed);
    assertTrue(alarmed.contains("settle leaf " + leaf + " …"), alarmed);
    erase(approver, 200);
    String ended = completeness();
    assertFalse(ended.contains("settle leaf " + leaf + " …"), ended);
  }

  /// Some of them may be lost with what the backup had not.
  @Test
  void contentsThatAreBackAreAnAlarmUntilSomebodyLookedAfterIt() throws Exception {
    anAction();
    long leaf =
        erasedBeforeTheBackup("select idx from leaf where action_id = '" + id + "' limit 3");
    erase(approver, 200);
    assertTrue(completeness().contains("settle leaf " + leaf + " …"));
    String path = "/v1/operator/erasures/" + leaf;
    given()
        .contentType("application/json")
        .body("{\"why\":\"x\"}")
        .post(path)
        .then()
        .statusCode(401);
    asOperator(path, json()).then().statusCode(400);
    for (String none : List.of("x", leaf + "-", (leaf + 1) + "-" + (leaf + 2))) {
      asOperator("/v1/operator/erasures/" + none, json().put("why", "x")).then().statusCode(404);
    }
    asOperator(path + "-" + (leaf + 1), json().put("why", "Erased again " + suffix))
        .then()
        .statusCode(204);
    asOperator(path, json().put("why", "Again.")).then().statusCode(404);
    String settled = completeness();
    assertFalse(settled.contains("settle leaf " + leaf + " …"), settled);
    assertTrue(settled.contains("settled by the operator: Erased again " + suffix), settled);
    assertRefused("delete from erasure_settled");
    assertRefused("update erasure_settled set why = ''");
  }

  @Test
  void whatIsErasedIsNoErasureToSettle() throws Exception {
    anAction();
    long leaf = erase(approver, 200).get("leaves").get(0).longValue();
    for (long none : List.of(leaf, leaf - 1, leaf + 1_000_000)) {
      asOperator("/v1/operator/erasures/" + none, json().put("why", "x")).then().statusCode(404);
    }
  }

  @Test
  void nobodyErasesWithoutTheOperatorsSecret() {
    anAction();
    given()
        .contentType("application/json")
        .header("Authorization", "Bearer guessed")
        .body(json().put("person", approver).put("reason", "requested").toString())
        .post("/v1/operator/erasures")
        .then()
        .statusCode(401);
    assertEquals(1, found("person=" + approver));
  }

  @Test
  void whatPolicyHasKeptStays() {
    anAction();
    var kept = new ErasePerson(erasures, log, integrity, "P1D");
    var result = kept.erase(approver, "requested").await().atMost(SOON);
    assertEquals(2, assertInstanceOf(ErasePerson.Result.TooYoung.class, result).kept().entries());
    assertEquals(1, found("person=" + approver));
  }

  /// The database takes the first batch, and not the one that follows.
  @Test
  void theReceiptOfWhatIsErasedIsHandedOutThoughALaterBatchFails() throws Exception {
    append(
        Stream.generate(
                () -> record(Topics.VOTE_RECORDED, newId(), json().put("approver", approver)))
            .limit(Erasures.MOST)
            .toList());
    long past = log.size().await().atMost(SOON);
    append(List.of(record(Topics.VOTE_RECORDED, id, json().put("approver", approver))));
    awaitIndexed();
    JsonNode some;
    try (Connection owner = connect("audit_migrator");
        Statement sql = owner.createStatement()) {
      sql.execute("alter table erased add constraint no_more check (idx < " + past + ") not valid");
      try {
        some = erase(approver, 200);
      } finally {
        sql.execute("alter table erased drop constraint no_more");
      }
    }
    assertEquals(Erasures.MOST, some.get("entries").intValue());
    assertTrue(some.get("more").booleanValue(), "there is more");
    assertFalse(some.has("kept"), "nobody could say how much is too young");
    assertEquals(1, some.get("leaves").size());
    JsonNode said = EventJson.readTree(utf8(leaf(some.get("leaves").get(0).longValue())));
    assertEquals(
        Salted.payload(HexFormat.of().parseHex(some.get("salt").textValue()), utf8(approver)),
        said.get("person").textValue());
    assertEquals(1, erase(approver, 200).get("entries").intValue(), "it goes on");
  }

  /// The second of three batches waits for an entry that somebody holds when the connection ends.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoIsGoneEndsNoErasureAndIsGivenItsReceiptWhenTheyAskAgain(boolean atOnce) throws Exception {
    int entries = 2 * Erasures.MOST + 1;
    appendVotes(entries);
    JsonNode whole;
    try (ExecutorService asks = Executors.newVirtualThreadPerTaskExecutor();
        Connection holder = connect("audit_migrator");
        Statement sql = holder.createStatement()) {
      holder.setAutoCommit(false);
      sql.execute(
          ("select from payload where idx = (select idx from mention where person = '%s' order by"
                  + " idx offset %d limit 1) for update")
              .formatted(approver, Erasures.MOST + 1));
      double withIt;
      try (Socket _ = askToErase(approver)) {
        await().atMost(SOON).until(() -> held() == 1);
        assertEquals(Erasures.MOST + 1, number(mentions()), "one leaf says what went");
        withIt = inHand();
      }
      await().atMost(SOON).until(() -> inHand() < withIt);
      Future<JsonNode> again = atOnce ? asks.submit(() -> erase(approver, 200)) : null;
      holder.rollback();
      await().atMost(SOON).until(() -> number(mentions()) == 0);
      whole = again == null ? erase(approver, 200) : again.get();
    }
    assertEquals(entries, whole.get("entries").intValue());
    assertFalse(whole.get("more").booleanValue());
    assertEquals(3, whole.get("leaves").size());
    for (JsonNode each : whole.get("leaves")) {
      assertEquals(
          Salted.payload(HexFormat.of().parseHex(whole.get("salt").textValue()), utf8(approver)),
          EventJson.readTree(utf8(leaf(each.longValue()))).get("person").textValue());
    }
    erase(approver, 404);
  }

  /// The database can't say for a moment how far the index is.
  @Test
  void aReceiptThatNobodyWasGivenOutlastsAQuestionThatFails() throws Exception {
    anAction();
    var asked = new ErasePerson(erasures, log, integrity, "PT0S");
    asked.erase(approver, "requested").subscribe().with(_ -> {}).cancel();
    await().atMost(SOON).until(() -> number(mentions()) == 0);
    try (Connection owner = connect("audit_migrator");
        Statement sql = owner.createStatement()) {
      sql.execute("revoke select on indexed from audit");
      try {
        var failing = asked.erase(approver, "requested").subscribeAsCompletionStage();
        assertThrows(ExecutionException.class, failing::get);
      } finally {
        sql.execute("grant select on indexed to audit");
      }
    }
    var done = done(asked.erase(approver, "requested").await().atMost(SOON));
    assertEquals(2, done.entries());
    assertEquals(1, done.leaves().size());
    var again = asked.erase(approver, "requested").await().atMost(SOON);
    assertInstanceOf(ErasePerson.Result.Nobody.class, again, "it is given once");
  }

  /// The first has erased, and waits to be told what is too young, when another entry comes and the
  /// second asks.
  @Test
  void whoAsksWhileAnErasureIsUnderWayHasErasedWhatWasLoggedMeanwhile() throws Exception {
    anAction();
    var asked = new ErasePerson(erasures, log, integrity, "PT0S");
    CompletableFuture<ErasePerson.Result> first;
    CompletableFuture<ErasePerson.Result> second;
    try (ExecutorService locks = Executors.newVirtualThreadPerTaskExecutor();
        Connection holder = connect("audit_migrator");
        Statement held = holder.createStatement();
        Connection next = connect("audit_migrator");
        Statement sql = next.createStatement()) {
      holder.setAutoCommit(false);
      next.setAutoCommit(false);
      held.execute(
          ("select from payload where idx = (select min(idx) from mention where person = '%s')"
                  + " for update")
              .formatted(approver));
      first = asked.erase(approver, "requested").subscribeAsCompletionStage();
      await().atMost(SOON).until(() -> held() == 1);
      Future<?> locked =
          locks.submit(() -> sql.execute("lock table mention in access exclusive mode"));
      await()
          .atMost(SOON)
          .until(() ->
              number(
                      "select count(*) from pg_locks where relation = 'mention'::regclass"
                          + " and mode = 'AccessExclusiveLock' and not granted")
                  == 1);
      holder.rollback();
      locked.get();
      append(List.of(record(Topics.VOTE_RECORDED, id, json().put("approver", approver))));
      second = asked.erase(approver, "case-4711").subscribeAsCompletionStage();
      assertFalse(first.isDone());
      next.rollback();
    }
    assertEquals(2, done(first.get()).entries());
    var both = done(second.get());
    assertEquals(3, both.entries());
    assertEquals(done(first.get()).salt(), both.salt());
    assertEquals(2, both.leaves().size());
    assertTrue(leaf(both.leaves().getLast()).contains("\"reason\":\"case-4711\""));
    assertEquals(0, number(mentions()));
  }

  @Test
  void anErasureThatNobodyWaitsForIsNotOverAfterTenLeaves() throws Exception {
    int entries = 10 * Erasures.MOST + 1;
    appendVotes(entries);
    var asked = new ErasePerson(erasures, log, integrity, "PT0S");
    asked.erase(approver, "requested").subscribe().with(_ -> {}).cancel();
    await().atMost(SOON).until(() -> number(mentions()) == 0);
    var done = done(asked.erase(approver, "requested").await().atMost(SOON));
    assertEquals(entries, done.entries());
    assertEquals(11, done.leaves().size());
    assertFalse(done.more());
  }

  /// So many entries that mention them, and the index has seen them.
  private void appendVotes(int entries) throws Exception {
    append(
        Stream.generate(
                () -> record(Topics.VOTE_RECORDED, newId(), json().put("approver", approver)))
            .limit(entries)
            .toList());
    awaitIndexed();
  }

  private static ErasePerson.Result.Done done(ErasePerson.Result result) {
    return assertInstanceOf(ErasePerson.Result.Done.class, result);
  }

  private String mentions() {
    return "select count(*) from mention where person = '" + approver + "'";
  }

  /// How many of the service's erasures wait for a lock.
  private long held() throws SQLException {
    return number(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
            + " and query like 'select erase(%'");
  }

  private Socket askToErase(String person) throws IOException {
    byte[] body = utf8(json().put("person", person).put("reason", "requested").toString());
    Socket client = new Socket(address.getHost(), address.getPort());
    client
        .getOutputStream()
        .write(
            utf8(
                """
                POST /v1/operator/erasures HTTP/1.1\r
                Host: %s\r
                Authorization: Bearer %s\r
                Content-Type: application/json\r
                Content-Length: %d\r
                \r
                """
                    .formatted(address.getAuthority(), Operated.SECRET, body.length)));
    client.getOutputStream().write(body);
    return client;
  }

  /// How many requests the service says that it has in hand.
  private static double inHand() {
    return given()
        .get("/q/metrics")
        .asString()
        .lines()
        .filter(line -> line.startsWith("http_server_active_requests"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  /// What is too young is so far in the future that nobody can say when it is old enough.
  @Test
  void whereWhatIsTooYoungCantBeAskedTheAnswerIsOfWhatWent() throws Exception {
    append(
        Stream.generate(
                () -> record(Topics.VOTE_RECORDED, newId(), json().put("approver", approver)))
            .limit(2)
            .toList());
    awaitIndexed();
    String of = "(select %s(idx) from mention where person = '" + approver + "')";
    long old = number("select" + of.formatted("min"));
    long young = number("select" + of.formatted("max"));
    ErasePerson.Result result;
    loggedAt(old, "now() - interval '2 days'");
    loggedAt(young, "timestamptz '294276-12-31 23:59:59Z'");
    try {
      result =
          new ErasePerson(erasures, log, integrity, "P1D")
              .erase(approver, "requested")
              .await()
              .atMost(SOON);
    } finally {
      loggedAt(young, "now()");
    }
    var done = done(result);
    assertEquals(1, done.entries());
    assertNull(done.kept());
    assertFalse(done.more(), "what went is all that is old enough");
    assertEquals(1, found("person=" + approver));
    assertEquals(1, erase(approver, 200).get("entries").intValue());
  }

  /// As somebody says who owns the tables.
  private void loggedAt(long index, String moment) throws SQLException {
    try (Connection owner = connect("audit_migrator");
        Statement sql = owner.createStatement()) {
      owner.setAutoCommit(false);
      sql.execute("alter table leaf disable trigger only_grows");
      sql.execute("update leaf set appended_at = " + moment + " where idx = " + index);
      sql.execute("alter table leaf enable always trigger only_grows");
      owner.commit();
    }
  }

  @Test
  void contentsGoByAgeAndALeafSaysSoForEachBatch() throws Exception {
    anAction();
    var retain = new RetainContents(elections, erasures, integrity, Optional.of("P7Y"), "PT0S");
    assertFalse(retain.eraseOlder("P7Y"), "nothing is so old");
    assertEquals(1, found("person=" + approver));
    while (retain.eraseOlder("PT0S")) {
      // One batch after the other.
    }
    assertEquals(
        0,
        number(
            "select count(*) from payload where salt is not null and idx < (select size from"
                + " retained)"));
    assertEquals(0, found("person=" + approver));
    assertEquals(1, found("action=" + id), "that it was stays known");
    assertProvenThoughErased();
    String leaf = leaf(number("select max(idx) from leaf where topic = 'erasure'"));
    assertTrue(leaf.contains("\"reason\":\"retention\""), leaf);
  }

  @Test
  void aBatchThatIsGoneAlreadyDoesNotKeepTheNextWaiting() throws Exception {
    var retain = new RetainContents(elections, erasures, integrity, Optional.of("P7Y"), "PT0S");
    while (retain.eraseOlder("PT0S")) {
      // What others have left.
    }
    append(
        Stream.generate(
                () -> record(Topics.VOTE_RECORDED, newId(), json().put("approver", approver)))
            .limit(Erasures.MOST)
            .toList());
    append(List.of(record(Topics.EXPIRED, id, json().put("note", "names nobody"))));
    awaitIndexed();
    erase(approver, 200);
    assertEquals(1, verifiedContents());

    while (retain.eraseOlder("PT0S")) {
      // One batch after the other.
    }
    assertEquals(0, verifiedContents());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update payload set salt = null, key = null, value = null, headers = null",
        "update payload set value = null",
        "delete from payload",
        "insert into erased (idx, leaf) values (0, 0)",
        "delete from erased",
        "update erased set leaf = 0",
        "select erase(0, array[0::bigint])",
        "select erase((select max(idx) from leaf where topic = 'erasure'), array[0::bigint])",
        "create or replace function erase(erasure bigint, indexes bigint[]) returns bigint"
            + " language sql as 'select 0::bigint'",
      })
  void theServiceErasesNothingWithoutALeafOfTheSameTransaction(String statement)
      throws SQLException {
    anAction();
    erase(approver, 200);
    assertRefused(statement);
  }

  /// A leaf that says one thing does not let another go, and one that is in no tree lets nothing
  /// go.
  @Test
  void aLeafLetsOnlyThatGoWhichItNamesAndOnlyInTheTree() throws SQLException {
    anAction();
    long one = number("select min(idx) from leaf where action_id = '" + id + "'");
    var leaf = new Erasure(Instant.now(), "operator", "requested", null, List.of(one));
    String insert =
        "insert into leaf (idx, event_id, leaf_hash, entry, topic) select %s, sha256('%s'),"
                .formatted("%s", UUID.randomUUID())
            + " sha256(''), '"
            + new String(leaf.bytes(), StandardCharsets.UTF_8)
            + "', 'erasure' from state";
    try (Connection connection = connect("audit");
        Statement sql = connection.createStatement()) {
      connection.setAutoCommit(false);
      sql.execute(insert.formatted("1000000000"));
      assertErasesNothing(sql, "1000000000", one);
      connection.rollback();

      sql.execute(insert.formatted("size"));
      assertErasesNothing(sql, "(select size from state)", one);
      connection.rollback();

      grow(sql, insert.formatted("size"));
      assertErasesNothing(sql, "(select size - 1 from state)", one + 1);
      connection.rollback();

      grow(sql, insert.formatted("size"));
      sql.execute("select erase((select size - 1 from state), array[" + one + "::bigint])");
      connection.rollback();
    }
    assertEquals(4, verifiedContents());
  }

  private static void assertErasesNothing(Statement sql, String leaf, long index) {
    String erase = "select erase(%s, array[%d::bigint])".formatted(leaf, index);
    String state = assertThrows(SQLException.class, () -> sql.execute(erase)).getSQLState();
    assertEquals("23000", state);
  }

  /// As the service does, but for a signature.
  private static void grow(Statement sql, String insert) throws SQLException {
    sql.execute(insert);
    sql.execute(
        "insert into checkpoint (size, root, note) select size + 1, sha256(''), 'none' from state");
    sql.execute(
        "update state set size = size + 1, root = sha256(''), frontier ="
            + " decode(repeat('00', 32 * bit_count(cast(size + 1 as bit(64)))::int), 'hex')");
  }

  /// All entries and proofs hold. Who approved is not verifiable any more, which is said (exit 2):
  /// had one proof not held, that would be wrong (exit 1).
  private void assertProvenThoughErased() throws IOException {
    Said said = verifyEvidence(id);
    assertEquals(2, said.exit(), said.text());
    assertTrue(said.text().contains("was erased and can't be proven any more"), said.text());
  }

  private long verifiedContents() throws SQLException {
    return number(
        "select count(*) from leaf l join payload p on p.idx = l.idx where p.salt is not null and"
            + " l.action_id = '"
            + id
            + "'");
  }

  // --- means

  private static JsonNode erase(String person, int status) {
    var answer =
        asOperator(
            "/v1/operator/erasures", json().put("person", person).put("reason", "requested"));
    assertEquals(status, answer.statusCode(), answer.asString());
    return EventJson.readTree(answer.asByteArray());
  }

  private static JsonNode actions(String query) {
    return EventJson.readTree(given().get("/v1/actions?" + query).asByteArray()).get("actions");
  }

  private static int found(String query) {
    return actions(query).size();
  }

  private String leaf(long index) throws SQLException {
    return text("select entry from leaf where idx = " + index);
  }

  private static String completeness() {
    return given().header("Accept-Language", "en").get("/completeness").asString();
  }
}
