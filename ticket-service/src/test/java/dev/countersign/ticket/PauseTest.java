package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Assurance;
import dev.countersign.events.Batch;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.launcher.SoftwarePasskey;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Who went fast pauses before the next ticket of high risk, from outside.
@QuarkusTest
@WithTestResource(value = Paused.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class PauseTest extends TicketServiceTest {

  @Test
  void afterAnAnswerInUnderThreeSecondsTheServerRefusesTheNextOfHighRiskForTheTimeOfThePause() {
    SoftwarePasskey passkey = passkeyOf("bob");
    Batch two = new Batch(UUID.randomUUID().toString(), 2);
    Verdict low = opened(Assurance.CODE, null);
    Verdict high = opened(Assurance.PASSKEY, two);
    Verdict other = opened(Assurance.PASSKEY, two);
    Browser bob = signedIn("bob");
    // Opened and signed while nothing was wrong yet.
    Map<String, String> signed = form(bob, high, "approve");
    sign(bob, path(high), signed, passkey);
    assertEquals(200, bob.post(path(low), form(bob, low, "approve")).statusCode());
    hasJustAnswered(low);

    HttpResponse<String> early = bob.post(path(high), signed);
    assertEquals(409, early.statusCode(), early.body());
    assertTrue(early.body().contains("waits a few seconds for you to read it"), early.body());
    hasJustAnswered(low);
    String page = bob.get(path(high)).body();
    assertTrue(page.contains("Approve opens at "), page);
    assertTrue(page.contains("data-opens=\""), page);
    // Nobody is bothered for a signature meanwhile.
    hasJustAnswered(low);
    assertEquals(409, bob.post(path(high) + "/challenge", form(bob, high, "approve")).statusCode());
    String set = path(high) + "/set";
    Map<String, String> together = Browser.form(bob.get(set).body(), "approve");
    together.put("typed-2." + high.actionId(), "EUR 48200.00");
    together.put("typed-2." + other.actionId(), "EUR 48200.00");
    hasJustAnswered(low);
    assertEquals(409, bob.post(set + "/challenge", together).statusCode());
    // A no is always open.
    Map<String, String> no = form(bob, other, "reject");
    sign(bob, path(other), no, passkey);
    assertEquals(200, bob.post(path(other), no).statusCode());
    assertEquals(1, wire.about(other.actionId(), Topics.DECISION, 1).size());

    sql(
        "update vote set at = at - interval '30 seconds' where action_id = ?",
        low.actionId().value());
    sql("update seen set at = at - interval '60 seconds' where approver = 'bob'");
    sql(
        "update seen set at = at + interval '29 seconds' where action_id = ?",
        low.actionId().value());
    assertFalse(bob.get(path(high)).body().contains("Approve opens at "));
    Map<String, String> again = form(bob, high, "approve");
    sign(bob, path(high), again, passkey);
    assertEquals(200, bob.post(path(high), again).statusCode());
    assertEquals(1, wire.about(high.actionId(), Topics.DECISION, 1).size());
  }

  @Test
  void thePageOpensApproveByItselfWhenThePauseIsOver() {
    SoftwarePasskey passkey = passkeyOf("carol");
    Verdict low = opened(Assurance.CODE, null);
    Verdict high = opened(Assurance.PASSKEY, null);
    try (Chromium carol = Chromium.open(Screen.PHONE)) {
      put(passkey, carol.authenticator(true));
      signIn(carol, "carol", page(path(low)));
      carol.type("input[name^=typed-]", "EUR 48200.00").press("button.approve");
      carol.awaitText("Approved by Carol Lindqvist");
      hasJustAnswered(low);

      carol.go(page(path(high))).awaitText("s left.");
      assertFalse(carol.find("button.approve").isEnabled());
      assertTrue(carol.find("button.reject").isEnabled(), "a no is always open");
      carol.screenshot("pause-phone");
      // A browser's clock may say what it likes.
      carol.driver().executeScript("Date.now = () => 8640000000000000");
      carol.type("input[name^=typed-]", "EUR 48200.00");
      carol.await("it opens", () -> carol.find("button.approve").isEnabled());
      assertEquals(
          "The pause is over: you can approve now.",
          carol.find("#told[role=status]").getDomProperty("textContent"));
      carol.press("button.approve").awaitText("Approved by Carol Lindqvist");
    }
  }

  /// The pause begins now, however long the machine took until here.
  private void hasJustAnswered(Verdict low) {
    sql("update vote set at = clock_timestamp() where action_id = ?", low.actionId().value());
    sql(
        "update seen set at = clock_timestamp() - interval '1 second' where action_id = ?",
        low.actionId().value());
  }

  private Verdict opened(Assurance assurance, @Nullable Batch batch) {
    Verdict verdict =
        Verdicts.in(
            batch,
            null,
            Verdicts.required(
                Verdicts.id(),
                Verdicts.BOT,
                "48200.00",
                Verdicts.requirement(
                    assurance, Duration.ofHours(1), Verdicts.seats(1, "finance"))));
    open(verdict);
    return verdict;
  }

  private static Map<String, String> form(Browser browser, Verdict verdict, String answer) {
    Map<String, String> form = Browser.form(browser.get(path(verdict)).body(), answer);
    form.put("typed-2", "EUR 48200.00");
    return form;
  }
}
