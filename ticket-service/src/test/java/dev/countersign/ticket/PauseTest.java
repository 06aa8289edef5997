package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Assurance;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.launcher.SoftwarePasskey;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import dev.countersign.ticket.application.WebAuthn;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Who went fast pauses before the next ticket of high risk, from outside.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = MailServer.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Paused.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
@SuppressWarnings("NullAway.Init") // injected
class PauseTest {

  @TestHTTPResource("/")
  URI base;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "countersign.ticket.url")
  URI origin;

  @Inject WebAuthn webAuthn;
  @Inject DataSource database;

  MailServer.Mails mails;
  private Wire wire;

  @BeforeEach
  void connect() {
    wire = new Wire(bootstrapServers);
  }

  @AfterEach
  void disconnect() {
    wire.close();
  }

  @Test
  void afterAnAnswerInUnderThreeSecondsTheServerRefusesTheNextOfHighRiskForTheTimeOfThePause()
      throws Exception {
    SoftwarePasskey passkey = Enrolled.confirmed(webAuthn, database, origin, "bob");
    Verdict low = opened(Assurance.CODE);
    Verdict high = opened(Assurance.PASSKEY);
    Verdict other = opened(Assurance.PASSKEY);
    Browser bob = new Browser(base);
    bob.signIn(mails, "bob@acme.example", "/");
    // Opened and signed while nothing was wrong yet.
    Map<String, String> signed = form(bob, high, "approve");
    sign(bob, high, signed, passkey);
    assertEquals(200, bob.post(path(low), form(bob, low, "approve")).statusCode());
    // However long the machine took for that.
    sql("update vote set at = clock_timestamp() where action_id = '" + low.actionId() + "'");
    sql(
        "update seen set at = clock_timestamp() - interval '1 second' where action_id = '"
            + low.actionId()
            + "'");

    HttpResponse<String> early = bob.post(path(high), signed);
    assertEquals(409, early.statusCode(), early.body());
    assertTrue(early.body().contains("waits a few seconds for you to read it"), early.body());
    String page = bob.get(path(high)).body();
    assertTrue(page.contains("Approve opens at "), page);
    assertTrue(page.contains("data-opens=\""), page);
    // Nobody is bothered for a signature meanwhile.
    assertEquals(409, bob.post(path(high) + "/challenge", form(bob, high, "approve")).statusCode());
    // A no is always open.
    Map<String, String> no = form(bob, other, "reject");
    sign(bob, other, no, passkey);
    assertEquals(200, bob.post(path(other), no).statusCode());
    assertEquals(1, wire.about(other.actionId(), Topics.DECISION, 1).size());

    sql(
        "update vote set at = at - interval '10 seconds' where action_id = '"
            + low.actionId()
            + "'");
    sql("update seen set at = at - interval '60 seconds' where approver = 'bob'");
    sql(
        "update seen set at = at + interval '49 seconds' where action_id = '"
            + low.actionId()
            + "'");
    assertFalse(bob.get(path(high)).body().contains("Approve opens at "));
    Map<String, String> again = form(bob, high, "approve");
    sign(bob, high, again, passkey);
    assertEquals(200, bob.post(path(high), again).statusCode());
    assertEquals(1, wire.about(high.actionId(), Topics.DECISION, 1).size());
  }

  private Verdict opened(Assurance assurance) {
    Verdict verdict =
        Verdicts.required(
            Verdicts.id(),
            Verdicts.BOT,
            "48200.00",
            Verdicts.requirement(assurance, Duration.ofHours(1), Verdicts.seats(1, "finance")));
    wire.publish(verdict);
    wire.about(verdict.actionId(), Topics.TICKET_OPENED, 1);
    return verdict;
  }

  private static void sign(
      Browser browser, Verdict verdict, Map<String, String> form, SoftwarePasskey passkey) {
    HttpResponse<String> asked = browser.post(path(verdict) + "/challenge", form);
    assertEquals(200, asked.statusCode(), asked.body());
    JsonNode json = EventJson.readTree(asked.body().getBytes(StandardCharsets.UTF_8));
    form.put("ceremony", json.path("ceremony").textValue());
    form.put("assertion", passkey.sign(json.path("publicKey")).toString());
  }

  private static Map<String, String> form(Browser browser, Verdict verdict, String answer) {
    Map<String, String> form = Browser.form(browser.get(path(verdict)).body(), answer);
    form.put("typed-2", "EUR 48200.00");
    return form;
  }

  private static String path(Verdict verdict) {
    return "/tickets/" + verdict.actionId();
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement execute = connection.createStatement()) {
      execute.execute(statement);
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
    }
  }
}
