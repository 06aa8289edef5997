package dev.countersign.ticket;

import static dev.countersign.ticket.Verdicts.required;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.countersign.events.Assurance;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Pages that are open while something happens elsewhere.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = MailServer.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class LivePageTest {

  private static final String AMOUNT = "input[name^=typed-]";

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
  void twoPeopleSeeOneTruth() {
    Verdict.ApprovalRequired verdict = open(1, Duration.ofHours(1));
    try (Chromium alice = Chromium.open(Screen.PHONE)) {
      signIn(alice, verdict);
      alice.type("#reason", "Not before Monday.");
      Browser bob = signedIn("bob@acme.example", verdict);
      bob.post(path(verdict), Browser.form(bob.get(path(verdict)).body(), "reject"));

      alice.awaitText("Rejected by Bob Okafor");
      alice.await("the buttons are closed", () -> !alice.find("button.approve").isEnabled());
      assertFalse(alice.find("button.reject").isEnabled());
      assertEquals("Not before Monday.", alice.find("#reason").getDomProperty("value"));
      assertEquals(
          "reason", alice.driver().switchTo().activeElement().getDomProperty("id"), "the focus");
      alice.screenshot("rejected-elsewhere");
    }
  }

  @Test
  void whatIsTypedStaysWhenSomebodyElseAnswersAndCountsForWhatIsShownThen() {
    Verdict.ApprovalRequired verdict = open(2, Duration.ofHours(1));
    try (Chromium alice = Chromium.open(Screen.DESK)) {
      signIn(alice, verdict);
      alice.type(AMOUNT, "EUR 48200.00");
      Browser bob = signedIn("bob@acme.example", verdict);
      Map<String, String> form = Browser.form(bob.get(path(verdict)).body(), "approve");
      form.put(alice.find(AMOUNT).getDomProperty("name"), "EUR 48200.00");
      bob.post(path(verdict), form);

      alice.awaitText("1 of 2 approvals");
      assertEquals("EUR 48200.00", alice.find(AMOUNT).getDomProperty("value"));
      alice.press("button.approve").awaitText("Approved by Bob Okafor and Alice Berger");
    }
  }

  @Test
  void theClockRunsOutOnTheServersTime() {
    try (Chromium alice = Chromium.open(Screen.PHONE)) {
      signIn(alice, open(1, Duration.ofHours(1)));
      alice.go(base.resolve(path(open(1, Duration.ofSeconds(15)))));
      alice.await(
          "it goes by the second",
          () -> alice.find("[role=timer]").getText().matches("0:[01][0-9] left"));
      // A browser's clock may say what it likes.
      alice.driver().executeScript("Date.now = () => 0");
      alice.awaitText("Expired: nobody answered in time");
      assertFalse(alice.has("button.approve:enabled"));
    }
  }

  @Test
  void theInboxFillsWithoutAReload() {
    try (Chromium alice = Chromium.open(Screen.DESK)) {
      signIn(alice, open(1, Duration.ofMinutes(9)));
      alice.go(base).find("h1.page");
      alice.driver().executeScript("window.notReloaded = true");
      Verdict.ApprovalRequired verdict = open(1, Duration.ofMinutes(8));
      alice.await("it is listed", () -> alice.has("a[href='" + path(verdict) + "']"));
      assertEquals(true, alice.driver().executeScript("return window.notReloaded"));
    }
  }

  private Verdict.ApprovalRequired open(int count, Duration deadline) {
    Verdict.ApprovalRequired verdict =
        required(
            Verdicts.id(),
            Verdicts.BOT,
            "48200.00",
            Verdicts.requirement(Assurance.CODE, deadline, Verdicts.seats(count, "finance")));
    wire.publish(verdict);
    wire.about(verdict.actionId(), Topics.TICKET_OPENED, 1);
    return verdict;
  }

  private Browser signedIn(String address, Verdict verdict) {
    Browser browser = new Browser(base);
    browser.signIn(mails, address, path(verdict));
    return browser;
  }

  private void signIn(Chromium chromium, Verdict verdict) {
    mails.clear();
    chromium.go(base.resolve(path(verdict)));
    chromium.type("#address", "alice@acme.example").press("form[action='/sign-in'] button");
    chromium
        .type("#code", mails.code("alice@acme.example"))
        .press("form[action='/sign-in/code'] button");
    chromium.find("section.answer");
  }

  private static String path(Verdict verdict) {
    return "/tickets/" + verdict.actionId();
  }
}
