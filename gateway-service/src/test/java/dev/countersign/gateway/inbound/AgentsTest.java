package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Decision;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.gateway.Samples;
import dev.countersign.gateway.TokenIssuer;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Agents say who they are, and none is taken for another: attack 1 of SECURITY.md.
@NullMarked
@QuarkusTest
@TestProfile(AgentsTest.Named.class)
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = TokenIssuer.class, scope = TestResourceScope.MATCHING_RESOURCES)
class AgentsTest {

  /// Everybody says who they are.
  public static final class Named implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "countersign.agents.required",
          "true",
          "countersign.operator.secret",
          Door.OPERATOR,
          // Tests ask without a pause until something is over.
          "countersign.agents.rate",
          "1000000",
          "countersign.agents.burst",
          "1000000");
    }
  }

  @TestHTTPResource("/")
  URI base = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  @SuppressWarnings("NullAway.Init") // injected
  TokenIssuer.Tokens issuer;

  @ConfigProperty(name = "countersign.db")
  String database = "";

  private Door nobody = Door.of(base);
  private Door billing = nobody;
  private Door payroll = nobody;

  @BeforeEach
  void keys() throws Exception {
    nobody = Door.of(base);
    billing = nobody.as(nobody.key("{\"agent\": \"billing-bot\"}").path("key").textValue());
    payroll = nobody.as(nobody.key("{\"agent\": \"payroll-bot\"}").path("key").textValue());
  }

  static void assertUnknown(Door.Answer answer) {
    assertEquals(401, answer.status(), answer::toString);
    assertEquals("not-authenticated", answer.problem());
    assertTrue(answer.header("www-authenticate").startsWith("Bearer"), answer::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/actions",
        "GET /v1/actions/018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d",
        "GET /v1/actions/018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d/events",
        "POST /v1/actions",
        "POST /v1/actions/batch",
        "POST /v1/actions/018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d/cancel",
        "POST /access/v1/evaluation",
        "POST /access/v1/evaluations",
        "POST /mcp",
        "GET /nothing/at/all",
        "GET //v1/actions",
        "GET /q/../v1/actions",
        "GET /v1/operator/../actions",
        "GET /v1/operator/%2e%2e/actions",
        "GET /openapi/../v1/actions",
      })
  void withoutACredentialNobodyGetsIn(String line) throws Exception {
    String[] words = line.split(" ", 2);
    // As a raw line: a client would tidy the path up.
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket
          .getOutputStream()
          .write(
              (words[0]
                      + " "
                      + words[1]
                      + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                      + "Content-Length: 2\r\nContent-Type: application/json\r\n\r\n{}")
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = read(socket.getInputStream());
      assertTrue(answer.startsWith("HTTP/1.1 401 "), answer);
      assertTrue(
          answer.matches(
              "(?is).*www-authenticate: bearer[^\r\n]*resource_metadata=\"[^\"]*/oauth-protected-.*"),
          answer);
    }
  }

  private static String read(InputStream in) throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    in.transferTo(all);
    return all.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatDescribesTheServiceIsOpenAndItsHealthToo() throws Exception {
    for (String each :
        List.of("/openapi", "/q/health/live", "/.well-known/authzen-configuration")) {
      assertEquals(200, nobody.get(each).status(), each);
    }
    JsonNode resource = nobody.get("/.well-known/oauth-protected-resource/mcp").body();
    assertEquals(issuer.issuer(), resource.at("/authorization_servers/0").textValue());
  }

  @Test
  void anAgentNeedNotSayWhoItIsTwice() throws Exception {
    String unnamed = Samples.fresh().json().replace("\"id\": \"billing-bot\", ", "");
    Door.Answer proposed = billing.post("/v1/actions", unnamed);
    assertEquals(202, proposed.status(), proposed::toString);
    assertEquals("billing-bot", proposed.text("/agent/id"));
    ActionId id = ActionId.of(proposed.text("/actionId"));
    ActionProposed published =
        ActionProposed.read(wire.about(id, Topics.ACTION_PROPOSED, 1).getFirst().value());
    assertEquals("billing-bot", published.agent().id());
    assertEquals("run-91c", published.agent().session());

    String bare = unnamed.replaceFirst("\"agent\": \\{[^}]*\\},", "");
    Door.Answer again = billing.post("/v1/actions", bare.replace(id.toString(), uuid()));
    assertEquals("billing-bot", again.text("/agent/id"), again::toString);
  }

  private static String uuid() {
    return UUID.randomUUID().toString();
  }

  @Test
  void noAgentProposesAsAnother() throws Exception {
    Samples sample = Samples.fresh();
    String json = sample.json();
    Door.Answer spoofed = payroll.post("/v1/actions", json);
    assertEquals(403, spoofed.status(), spoofed::toString);
    assertEquals("not-your-agent", spoofed.problem());
    assertTrue(spoofed.text("/detail").contains("leave agent.id out"), spoofed::toString);
    // Nor by headers that proxies and platforms set, which nobody here reads.
    assertEquals(
        403,
        payroll
            .post(
                "/v1/actions",
                json,
                "X-Agent-Id",
                "billing-bot",
                "X-Forwarded-User",
                "billing-bot",
                "X-Forwarded-Client-Cert",
                "Subject=\"CN=billing-bot\"")
            .status());
    // Nor by case, blanks or a look-alike.
    for (String each : List.of("Billing-bot", " billing-bot", "billing\\u2010bot")) {
      String alike = json.replace("billing-bot", each);
      assertEquals(403, billing.post("/v1/actions", alike).status(), each);
    }
    // Nor by saying it twice, nor by hiding among others.
    String twice = json.replace("\"agent\":", "\"agent\": {\"id\": \"payroll-bot\"}, \"agent\":");
    assertEquals(400, payroll.post("/v1/actions", twice).status());
    Door.Answer batch = payroll.post("/v1/actions/batch", "[" + json + "]");
    assertEquals(200, batch.status(), batch::toString);
    assertEquals(403, batch.body().at("/answers/0/status").intValue(), batch::toString);
    billing.published(wire, Topics.ACTION_PROPOSED);
    assertTrue(wire.under(sample.actionId().toString(), Topics.ACTION_PROPOSED).isEmpty());
    // Nor may it ask what another would be allowed.
    assertEquals(
        403,
        payroll
            .post(
                "/access/v1/evaluation",
                """
                {"subject": {"type": "agent", "id": "billing-bot"}, "action": {"name": "x"},
                 "resource": {"type": "toolset", "id": "payments"}}\
                """)
            .status());
  }

  @Test
  void noAgentReadsOrCancelsWhatIsAnothers() throws Exception {
    Samples sample = Samples.fresh();
    String path = "/v1/actions/" + sample.actionId();
    assertEquals(202, billing.post("/v1/actions", sample.json()).status());
    for (Door.Answer each :
        List.of(
            payroll.get(path),
            payroll.get(path + "?wait=1"),
            payroll.get(path + "/events"),
            payroll.post(path + "/cancel", "{\"reason\": \"mine now\"}"))) {
      assertEquals(404, each.status(), each::toString);
      assertEquals("no-such-action", each.problem());
    }
    // Under the same id it learns that the id is taken, and nothing else.
    Door.Answer conflict =
        payroll.post("/v1/actions", sample.json().replace("billing-bot", "payroll-bot"));
    assertEquals(409, conflict.status(), conflict::toString);
    assertFalse(conflict.body().has("action"), conflict::toString);
    assertEquals(0, payroll.get("/v1/actions?agent=billing-bot").body().at("/actions").size());

    assertEquals(200, billing.get(path).status());
    assertEquals(202, billing.post(path + "/cancel", "{\"reason\": \"not needed\"}").status());
    JsonNode cancelled =
        EventJson.readTree(
            wire.about(sample.actionId(), Topics.ACTION_CANCELLED, 1).getFirst().value());
    assertEquals("billing-bot", cancelled.path("by").textValue());
    billing.published(wire, Topics.ACTION_CANCELLED);
    assertEquals(1, wire.about(sample.actionId(), Topics.ACTION_CANCELLED, 1).size());
  }

  @Test
  void whatAnAgentProposedOnKafkaIsItsOwnAndNobodyElses() throws Exception {
    Samples sample = Samples.fresh();
    wire.publish(sample.allowed());
    String path = "/v1/actions/" + sample.actionId();
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (billing.get(path).status() != 200) {
      assertTrue(System.nanoTime() < end, "the verdict never came");
    }
    assertEquals(404, payroll.get(path).status());
  }

  @Test
  void aKeyIsGoodForItsToolsetsAndItsPlatformAlone() throws Exception {
    Door crm =
        nobody.as(
            nobody
                .key(
                    "{\"agent\": \"billing-bot\", \"toolsets\": [\"crm\"], \"platform\": \"acme\"}")
                .path("key")
                .textValue());
    Door.Answer elsewhere = crm.post("/v1/actions", Samples.fresh().json());
    assertEquals(403, elsewhere.status(), elsewhere::toString);
    assertEquals("not-your-toolset", elsewhere.problem());
    String inCrm = Samples.fresh().json().replace("\"payments\"", "\"crm\"");
    Door.Answer filled = crm.post("/v1/actions", inCrm);
    assertEquals(202, filled.status(), filled::toString);
    assertEquals("acme", filled.text("/agent/platform"));
    Door.Answer other =
        crm.post(
            "/v1/actions", inCrm.replace("\"session\"", "\"platform\": \"other\", \"session\""));
    assertEquals("not-your-platform", other.problem());
    // Its namesake of no platform is another agent.
    Samples sample = Samples.fresh();
    assertEquals(202, billing.post("/v1/actions", sample.json()).status());
    assertEquals(404, crm.get("/v1/actions/" + sample.actionId()).status());
  }

  @Test
  void namesakesOfTwoPlatformsMayUseTheSameIdempotencyKey() throws Exception {
    String key = "invoice " + uuid();
    Set<String> ids = new HashSet<>();
    for (String platform : List.of("acme", "other")) {
      String settings = "{\"agent\": \"billing-bot\", \"platform\": \"" + platform + "\"}";
      Door agent = nobody.as(nobody.key(settings).path("key").textValue());
      Door.Answer proposed =
          agent.post("/v1/actions", Samples.json(null, "250.00"), "Idempotency-Key", key);
      assertEquals(202, proposed.status(), proposed::toString);
      ids.add(proposed.text("/actionId"));
    }
    assertEquals(2, ids.size());
  }

  @Test
  @Timeout(120)
  void whoMakesAKeyWhileTheDatabaseGoesAwayIsToldToLookFirst() throws Exception {
    Door operator = nobody.as(Door.OPERATOR);
    String keys = "/v1/operator/agent-keys";
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Connection locks = connect();
        Connection ends = connect();
        Statement lock = locks.createStatement();
        PreparedStatement end = ends.prepareStatement(END)) {
      locks.setAutoCommit(false);
      lock.execute("lock table agent_key in access exclusive mode");
      Future<Door.Answer> made =
          threads.submit(() -> operator.post(keys, "{\"agent\": \"lost-bot\"}"));
      end(end, "insert into agent_key%");
      assertEquals(503, made.get().status(), () -> made.resultNow().toString());
      assertEquals("unavailable", made.resultNow().problem());
      assertTrue(made.resultNow().text("/detail").contains("list the keys before"));
      Future<Door.Answer> listed = threads.submit(() -> operator.get(keys + "?agent=lost-bot"));
      end(end, "select % from agent_key%");
      assertEquals(503, listed.get().status(), () -> listed.resultNow().toString());
      Future<Door.Answer> revoked =
          threads.submit(() -> operator.post(keys + "/0123456789ab/revoke", "{}"));
      end(end, "update agent_key%");
      assertEquals(503, revoked.get().status(), () -> revoked.resultNow().toString());
    }
    assertEquals(0, operator.get(keys + "?agent=lost-bot").body().path("keys").size());
  }

  private static final String END =
      """
      select pg_terminate_backend(pid) from pg_stat_activity
      where usename = 'gateway' and wait_event_type = 'Lock' and query like ?
      """;

  /// Once this statement waits.
  private static void end(PreparedStatement end, String statement) throws SQLException {
    end.setString(1, statement);
    while (true) {
      try (ResultSet ended = end.executeQuery()) {
        if (ended.next()) {
          return;
        }
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + database, "gateway", Servers.PASSWORD);
  }

  @Test
  void aKeyIsShownOnceAndWhatIsKeptOpensNothing() throws Exception {
    JsonNode made = nobody.key("{\"agent\": \"listed-bot\", \"toolsets\": [\"crm\"]}");
    String key = made.path("key").textValue();
    assertTrue(key.matches("csk_[A-Za-z0-9_-]{43}"), "256 bits");
    JsonNode listed =
        nobody.as(Door.OPERATOR).get("/v1/operator/agent-keys?agent=listed-bot").body();
    assertEquals(1, listed.path("keys").size());
    assertEquals(made.path("id"), listed.at("/keys/0/id"));
    assertEquals("crm", listed.at("/keys/0/toolsets/0").textValue());
    assertFalse(listed.toString().contains(key));
    for (String each : List.of(made.path("id").textValue(), "csk_", "csk_" + "A".repeat(43))) {
      assertUnknown(nobody.as(each).get("/v1/actions"));
    }
  }

  @Test
  void aRevokedKeyIsGoodForNothingFromTheNextRequestOn() throws Exception {
    JsonNode made = nobody.key("{\"agent\": \"short-bot\"}");
    Door agent = nobody.as(made.path("key").textValue());
    assertEquals(200, agent.get("/v1/actions").status());
    String revoke = "/v1/operator/agent-keys/" + made.path("id").textValue() + "/revoke";
    assertEquals(204, nobody.as(Door.OPERATOR).post(revoke, "{}").status());
    assertUnknown(agent.get("/v1/actions"));
    assertEquals(204, nobody.as(Door.OPERATOR).post(revoke, "{}").status());
    assertEquals(
        404,
        nobody
            .as(Door.OPERATOR)
            .post("/v1/operator/agent-keys/0123456789ab/revoke", "{}")
            .status());
  }

  @Test
  @Timeout(60)
  void aStreamEndsWithTheKeyThatItWasOpenedWith() throws Exception {
    JsonNode made = nobody.key("{\"agent\": \"billing-bot\"}");
    Door agent = nobody.as(made.path("key").textValue());
    Samples sample = Samples.fresh();
    assertEquals(202, agent.post("/v1/actions", sample.json()).status());
    Iterator<String> actions = agent.lines("/v1/actions/" + sample.actionId() + "/events");
    Iterator<String> tools = agent.lines("/mcp");
    assertTrue(said(actions, "received"));
    assertTrue(said(tools, "alive"));

    String revoke = "/v1/operator/agent-keys/" + made.path("id").textValue() + "/revoke";
    assertEquals(204, nobody.as(Door.OPERATOR).post(revoke, "{}").status());
    wire.publish(sample.decision(Decision.Outcome.APPROVED));

    assertFalse(said(actions, "approved"));
    assertFalse(said(tools, "nothing, until it ends"));
  }

  /// Whether this comes before the stream ends.
  private static boolean said(Iterator<String> lines, String what) {
    while (lines.hasNext()) {
      if (lines.next().contains(what)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void aKeyIsOverWhenItsTimeIs() throws Exception {
    Door agent =
        nobody.as(
            nobody.key("{\"agent\": \"brief-bot\", \"valid\": \"PT1S\"}").path("key").textValue());
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (agent.get("/v1/actions").status() == 200) {
      assertTrue(System.nanoTime() < end, "the key never ended");
    }
    assertUnknown(agent.get("/v1/actions"));
  }

  @Test
  void onlyTheOperatorMakesKeys() throws Exception {
    String body = "{\"agent\": \"billing-bot\"}";
    for (Door each : List.of(nobody, billing, nobody.as(Door.OPERATOR + "x"), nobody.as(""))) {
      assertEquals(401, each.post("/v1/operator/agent-keys", body).status());
      assertEquals(401, each.get("/v1/operator/agent-keys").status());
    }
    for (String bad :
        List.of(
            "{}",
            "{\"agent\": \" \"}",
            "{\"agent\": \"a\", \"toolsets\": []}",
            "{\"agent\": \"a\", \"valid\": \"P9999D\"}",
            "{\"agent\": \"a\", \"valid\": \"soon\"}")) {
      assertEquals(
          400, nobody.as(Door.OPERATOR).post("/v1/operator/agent-keys", bad).status(), bad);
    }
  }

  @Test
  void theOperatorsSecretProposesToLiftAFreezeAndNothingElse() throws Exception {
    Door operator = nobody.as(Door.OPERATOR);
    String json = Samples.fresh().json().replace("billing-bot", "countersign-operator");
    assertEquals("not-your-toolset", operator.post("/v1/actions", json).problem());
    assertEquals(
        202,
        operator
            .post(
                "/v1/actions",
                json.replace("\"payments\"", "\"countersign\"")
                    .replace("wire_transfer", "lift_freeze"))
            .status());
  }

  @Test
  void aCredentialOfNoUseDoesNotFallBackToNone() throws Exception {
    String json = Samples.fresh().json();
    assertUnknown(nobody.post("/v1/actions", json, "Authorization", "Basic YmlsbGluZy1ib3Q6eA=="));
    assertUnknown(
        nobody.post(
            "/v1/actions",
            json,
            "Authorization",
            "Bearer " + billing.bearer(),
            "Authorization",
            "Bearer " + payroll.bearer()));
    assertUnknown(nobody.as("not.a.token").post("/v1/actions", json));
    assertUnknown(nobody.as("").post("/v1/actions", json));
  }
}
