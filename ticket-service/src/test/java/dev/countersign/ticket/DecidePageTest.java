package dev.countersign.ticket;

import static dev.countersign.ticket.Verdicts.required;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What an approver gets to read, in plain HTML as the server wrote it.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = MailServer.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class DecidePageTest {

  @TestHTTPResource("/")
  URI base;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

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
  void aPageIsInTheReadersLanguage() {
    Verdict.ApprovalRequired verdict = open(required(Verdicts.id(), 2));
    Browser alice = new Browser(base);
    alice.signIn(mails, "alice@acme.example", "/");

    String english = alice.get(path(verdict), "Accept-Language", "fr, en;q=0.5").body();
    HttpResponse<String> german = alice.get(path(verdict), "Accept-Language", "de-AT, en;q=0.5");
    assertTrue(english.contains("<html lang=\"en\">"), english);
    assertEquals("de", german.headers().firstValue("Content-Language").orElse(""));
    assertTrue(german.body().contains("<html lang=\"de\">"), german.body());
    for (String said :
        List.of(
            "Was geschehen wird",
            "0 von 2 Freigaben",
            "Zur Freigabe eingeben: Amount",
            "noch 59 Min.",
            "Die eigenen Worte des Agenten, ungeprüft",
            "Abmelden")) {
      assertTrue(german.body().contains(said), said + " in " + german.body());
    }
    assertFalse(german.body().contains("Answers so far"));
    assertTrue(english.contains("Answers so far"));
    assertTrue(
        alice
            .post(path(verdict), Browser.form(german.body(), "approve"), "Accept-Language", "de")
            .body()
            .contains("Geben Sie den Wert genau so ein"));
  }

  @Test
  void theNavigationIsForThoseWhoAreSignedIn() {
    Browser alice = new Browser(base);
    assertFalse(alice.get("/sign-in").body().contains("<nav"));
    String inbox = alice.signIn(mails, "alice@acme.example", "/").body();
    for (String link : List.of("/", "/search", "/people", "/trust", "/attention")) {
      assertTrue(inbox.contains("<a href=\"" + link + "\""), link);
    }
    assertTrue(inbox.contains("<a href=\"/\" aria-current=\"page\">"), inbox);
  }

  private Verdict.ApprovalRequired open(Verdict.ApprovalRequired verdict) {
    wire.publish(verdict);
    wire.about(verdict.actionId(), Topics.TICKET_OPENED, 1);
    return verdict;
  }

  private static String path(Verdict verdict) {
    return "/tickets/" + verdict.actionId();
  }
}
