package dev.countersign.ticket;

import static dev.countersign.ticket.Verdicts.required;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.countersign.events.Assurance;
import dev.countersign.events.Execution;
import dev.countersign.events.Reason;
import dev.countersign.events.Verdict;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.WindowType;

/// Pages that are open while something happens elsewhere.
@QuarkusTest
class LivePageTest extends TicketServiceTest {

  private static final String AMOUNT = "input[name^=typed-]";

  @Test
  void twoPeopleSeeOneTruth() {
    Verdict.ApprovalRequired verdict = open(1, Duration.ofHours(1));
    try (Chromium alice = Chromium.open(Screen.PHONE)) {
      signIn(alice, "alice", page(path(verdict)));
      alice.type("#reason", "Not before Monday.");
      Browser bob = signedIn("bob");
      assertEquals(
          200,
          bob.post(path(verdict), Browser.form(bob.get(path(verdict)).body(), "reject"))
              .statusCode());

      alice.awaitText("Rejected by Bob Okafor");
      alice.await("the buttons are closed", () -> !alice.find("button.approve").isEnabled());
      assertFalse(alice.find("button.reject").isEnabled());
      // What will happen, and how to answer, is not what stands there any more.
      alice.awaitText("What was asked").awaitText("Nothing can be answered here any more.");
      assertFalse(alice.text().contains("What will happen"), alice.text());
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
      signIn(alice, "alice", page(path(verdict)));
      alice.type(AMOUNT, "EUR 48200.00");
      Browser bob = signedIn("bob");
      Map<String, String> form = Browser.form(bob.get(path(verdict)).body(), "approve");
      form.put(alice.find(AMOUNT).getDomProperty("name"), "EUR 48200.00");
      assertEquals(200, bob.post(path(verdict), form).statusCode());

      alice.awaitText("1 of 2 approvals");
      assertEquals("EUR 48200.00", alice.find(AMOUNT).getDomProperty("value"));
      alice.press("button.approve").awaitText("Approved by Bob Okafor and Alice Berger");
      alice.driver().executeScript("window.notReloaded = true");
      wire.publish(
          new Execution(
              verdict.actionId(),
              Instant.now(),
              Execution.Status.FAILED,
              1,
              Instant.now(),
              Instant.now(),
              verdict.actionDigest(),
              new Execution.Result("422", null, null),
              new Reason("target", "The target said no: 422.")));
      alice.awaitText("Failed: The target said no: 422.").screenshot("failed-desk");
      assertEquals("Failed.", alice.find("#said").getText());
      assertEquals(true, alice.driver().executeScript("return window.notReloaded"));
    }
  }

  @Test
  void aPageIsNotTakenOverByWhoeverSignsInNext() {
    Verdict.ApprovalRequired verdict = open(2, Duration.ofHours(1));
    try (Chromium browser = Chromium.open(Screen.PHONE)) {
      signIn(browser, "alice", page(path(verdict)));
      browser.type(AMOUNT, "EUR 48200.00");
      String token = token(browser);
      String first = browser.driver().getWindowHandle();
      browser.driver().switchTo().newWindow(WindowType.TAB);
      browser.go(page(path(verdict))).driver().manage().deleteAllCookies();
      signIn(browser, "carol", page(path(verdict)));
      browser.driver().close();
      browser.driver().switchTo().window(first);
      Browser bob = signedIn("bob");
      Map<String, String> form = Browser.form(bob.get(path(verdict)).body(), "approve");
      form.put(browser.find(AMOUNT).getDomProperty("name"), "EUR 48200.00");
      assertEquals(200, bob.post(path(verdict), form).statusCode());

      browser.awaitText("Somebody else has signed in in this browser.");
      assertEquals(token, token(browser), "theirs has no place under Alice's name");
      assertFalse(browser.find("button.approve").isEnabled());
      assertFalse(browser.text().contains("1 of 2 approvals"), browser.text());
      browser.screenshot("another-signed-in");
    }
  }

  private static String token(Chromium browser) {
    return String.valueOf(
        browser
            .find("form.answer input[name=token], section.answer input[name=token]")
            .getDomProperty("value"));
  }

  @Test
  void theClockRunsOutOnTheServersTime() {
    try (Chromium alice = Chromium.open(Screen.PHONE)) {
      signIn(alice, "alice", page(path(open(1, Duration.ofHours(1)))));
      alice.go(page(path(open(1, Duration.ofSeconds(30)))));
      alice.await(
          "it goes by the second",
          () -> alice.find("[role=timer]").getText().matches("0:[0-3][0-9] left"));
      // A browser's clock may say what it likes.
      alice.driver().executeScript("Date.now = () => 0");
      alice.awaitText("Expired: nobody answered in time");
      assertFalse(alice.has("button.approve:enabled"));
    }
  }

  @Test
  void theInboxFillsWithoutAReload() {
    try (Chromium alice = Chromium.open(Screen.DESK)) {
      signIn(alice, "alice", page(path(open(1, Duration.ofMinutes(9)))));
      alice.go(page("/")).find("h1.page");
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
    open(verdict);
    return verdict;
  }
}
