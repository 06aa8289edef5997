package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.EventJson;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.launcher.SoftwarePasskey;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import dev.countersign.ticket.application.WebAuthn;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.openqa.selenium.virtualauthenticator.Credential;
import org.openqa.selenium.virtualauthenticator.VirtualAuthenticator;

/// The service as others meet it: records on Kafka, pages over HTTP, mails over SMTP, with a real
/// broker and a real database. All such tests share what runs; each says `@QuarkusTest` itself, as
/// Quarkus makes beans of no others.
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = MailServer.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
abstract class TicketServiceTest {

  /// Where the pages are: the origin that passkeys are bound to.
  @ConfigProperty(name = "countersign.ticket.url")
  URI origin;

  @Inject WebAuthn webAuthn;
  @Inject DataSource database;

  Wire wire;
  MailServer.Mails mails;

  /// Other tests' inboxes must not drown in what a test left waiting.
  @AfterEach
  void nothingWaits() {
    String waits = " where action_id in (select action_id from ticket where state = 'pending')";
    sql("delete from vote" + waits);
    sql("delete from seen" + waits);
    sql("delete from hold" + waits);
    sql("delete from ticket where state = 'pending'");
  }

  int sql(String statement, Object... values) {
    try (Connection connection = database.getConnection();
        PreparedStatement prepared = connection.prepareStatement(statement)) {
      for (int i = 0; i < values.length; i++) {
        prepared.setObject(i + 1, values[i]);
      }
      int rows = prepared.executeUpdate();
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
      return rows;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /// The number that a query about this value finds.
  int number(String query, Object value) {
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(query)) {
      select.setObject(1, value);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static final String REVOKE =
      "update passkey set state = 'revoked', revoked_by = 'erin', revoked_at = now()"
          + " where credential_id = ?";

  /// The passkey alone: neither sessions nor votes end with it, as where they are on their way.
  void markRevoked(SoftwarePasskey passkey) {
    sql(REVOKE, passkey.id());
  }

  /// The same in a transaction that stays open.
  static void markRevoked(Connection transaction, SoftwarePasskey passkey) throws SQLException {
    in(transaction, REVOKE, passkey.id());
  }

  /// A transaction of this test's own, which others wait for.
  Connection transaction() throws SQLException {
    Connection connection = database.getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  /// Runs this in a transaction that stays open.
  static void in(Connection transaction, String statement, Object... values) throws SQLException {
    try (PreparedStatement prepared = transaction.prepareStatement(statement)) {
      for (int i = 0; i < values.length; i++) {
        prepared.setObject(i + 1, values[i]);
      }
      prepared.execute();
    }
  }

  /// Waits until somebody waits for this transaction, or until this is so.
  static void awaitBlockedBy(Connection transaction, BooleanSupplier or) throws SQLException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    try (PreparedStatement blocked =
        transaction.prepareStatement(
            "select exists (select 1 from pg_locks where not granted"
                + " and pg_backend_pid() = any (pg_blocking_pids(pid)))")) {
      while (System.nanoTime() < end) {
        try (ResultSet row = blocked.executeQuery()) {
          row.next();
          if (row.getBoolean(1) || or.getAsBoolean()) {
            return;
          }
        }
      }
    }
    throw new AssertionError("nobody waits for the transaction");
  }

  // --- tickets

  static String path(ActionId id) {
    return "/tickets/" + id;
  }

  static String path(Verdict verdict) {
    return path(verdict.actionId());
  }

  URI page(String path) {
    return origin.resolve(path);
  }

  /// Publishes a verdict that asks people, and waits for its ticket.
  TicketOpened open(Verdict verdict) {
    wire.publish(verdict);
    return wire.events(TicketOpened.class, verdict.actionId(), Topics.TICKET_OPENED, 1).getFirst();
  }

  /// The same, of many at once.
  Map<ActionId, TicketOpened> open(List<? extends Verdict> verdicts) {
    wire.publishAll(verdicts);
    return wire.first(
        TicketOpened.class,
        verdicts.stream().map(Verdict::actionId).toList(),
        Topics.TICKET_OPENED);
  }

  /// The one decision about this action.
  Decision decision(ActionId id) {
    List<Decision> decisions = wire.events(Decision.class, id, Topics.DECISION, 1);
    assertEquals(1, decisions.size());
    return decisions.getFirst();
  }

  Decision decision(Verdict verdict) {
    return decision(verdict.actionId());
  }

  static String reason(Decision decision) {
    return decision.reason() == null ? "" : decision.reason().text();
  }

  /// Nobody has decided it. Its row tells at once; a decision comes to its topic only a moment
  /// after the answer that made it.
  void assertUndecided(ActionId id) {
    assertEquals(
        1,
        number("select count(*) from ticket where action_id = ? and state = 'pending'", id.value()),
        "pending: " + id);
    assertEquals(List.of(), wire.events(Decision.class, id, Topics.DECISION, 0));
  }

  /// Nobody has answered it.
  static void assertPending(Browser signedIn, ActionId id) {
    JsonNode ticket = json(signedIn.get("/v1" + path(id)));
    assertEquals("pending", ticket.path("state").textValue());
    assertEquals(0, ticket.path("version").intValue());
  }

  // --- people

  /// A browser in which nobody is signed in.
  Browser browser() {
    return new Browser(origin);
  }

  /// A person's browser, in which they are signed in by a mailed code.
  Browser signedIn(String approver) {
    Browser browser = browser();
    browser.signIn(mails, address(approver), "/");
    return browser;
  }

  /// Signs in by a passkey, as the page's script does.
  static HttpResponse<String> signIn(Browser browser, SoftwarePasskey passkey) {
    JsonNode asked = json(browser.post("/sign-in/passkey/challenge", Map.of("then", "/people")));
    return browser.post(
        "/sign-in/passkey",
        Map.of(
            "then",
            "/people",
            "ceremony",
            asked.path("ceremony").textValue(),
            "assertion",
            passkey.sign(asked.path("publicKey")).toString()));
  }

  /// A browser in which the holder of this passkey is signed in by it.
  Browser signedIn(SoftwarePasskey passkey) {
    Browser browser = browser();
    assertEquals(200, signIn(browser, passkey).statusCode());
    return browser;
  }

  static String address(String approver) {
    return approver + "@acme.example";
  }

  /// Opens a page that asks for a sign-in, asks for a code, and types it; the page that was wanted
  /// is there then.
  void signIn(Chromium chromium, String approver, URI page) {
    mails.clear();
    chromium.go(page);
    chromium.type("#address", address(approver)).press("form[action='/sign-in'] button");
    chromium
        .type("#code", mails.code(address(approver)))
        .press("form[action='/sign-in/code'] button");
    chromium.find("form.person");
  }

  /// A new passkey of this person's that counts.
  SoftwarePasskey passkeyOf(String approver) {
    return Enrolled.confirmed(webAuthn, database, origin, approver);
  }

  /// Puts a passkey that is on file into a device, where it can be found without being named.
  static void put(SoftwarePasskey passkey, VirtualAuthenticator device) {
    device.addCredential(
        Credential.createResidentCredential(
            Base64.getUrlDecoder().decode(passkey.id()),
            "localhost",
            new PKCS8EncodedKeySpec(
                Base64.getUrlDecoder().decode(passkey.toJson().path("privateKey").textValue())),
            new byte[] {1},
            1));
  }

  /// Signs the form's answer, as the page's script does.
  static void sign(
      Browser browser, String path, Map<String, String> form, SoftwarePasskey passkey) {
    HttpResponse<String> challenge = browser.post(path + "/challenge", form);
    assertEquals(200, challenge.statusCode(), challenge.body());
    JsonNode asked = json(challenge);
    assertEquals("required", asked.path("publicKey").path("userVerification").textValue());
    form.put("ceremony", asked.path("ceremony").textValue());
    form.put("assertion", passkey.sign(asked.path("publicKey")).toString());
  }

  static JsonNode json(HttpResponse<String> response) {
    return EventJson.readTree(response.body().getBytes(StandardCharsets.UTF_8));
  }
}
