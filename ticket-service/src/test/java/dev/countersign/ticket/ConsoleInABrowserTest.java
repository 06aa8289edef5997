package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Batch;
import dev.countersign.events.Decision;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.virtualauthenticator.VirtualAuthenticator;

/// What an approver does beside answering one question, on a phone: they answer a set with one
/// touch, trust a session and end that, hold one and lift that.
@QuarkusTest
class ConsoleInABrowserTest extends TicketServiceTest {

  private final Agent agent =
      new Agent("bot-" + UUID.randomUUID(), "acme-agents", "run-" + UUID.randomUUID(), null);

  @Test
  void onePersonOnAPhoneAnswersASetTrustsARunAndHoldsOne() {
    try (Chromium phone = Chromium.open(Screen.PHONE)) {
      VirtualAuthenticator device = phone.authenticator(true);
      put(passkeyOf("alice"), device);
      signIn(phone, "alice", page("/search"));
      answersASetWithOneTouch(phone, device);
      trustsARunAndEndsIt(phone);
      holdsARunAndLiftsIt(phone);
    }
  }

  private void answersASetWithOneTouch(Chromium phone, VirtualAuthenticator device) {
    Batch batch = new Batch(UUID.randomUUID().toString(), 2);
    Verdict first = opened(Verdicts.in(batch, null, payment("101.00", Assurance.PASSKEY)));
    Verdict second = opened(Verdicts.in(batch, null, payment("102.00", Assurance.PASSKEY)));
    int before = device.getCredentials().getFirst().getSignCount();

    phone.go(page(path(first))).press(".part-of-set a").awaitText("102.00");
    type(phone, first, "EUR 101.00");
    type(phone, second, "EUR 102.00");
    phone.screenshot("set-phone").press("button.approve").awaitText("None of these waits");

    assertEquals(1, device.getCredentials().getFirst().getSignCount() - before, "one touch");
    for (Verdict each : List.of(first, second)) {
      assertEquals(Decision.Outcome.APPROVED, decision(each).outcome());
      assertEquals(
          Assurance.PASSKEY,
          wire.events(VoteRecorded.class, each.actionId(), Topics.VOTE_RECORDED, 1)
              .getFirst()
              .assurance());
    }
  }

  private void trustsARunAndEndsIt(Chromium phone) {
    Verdict given = opened(credit("20"));
    phone.go(page(path(given))).press(".trust-offer summary").press("input[name=trust]");
    phone.type("input[name^=typed-]", "20").screenshot("trust-offer-phone");
    phone.press("button.approve").awaitText("Approved by Alice Berger");

    Verdict next = credit("21");
    wire.publish(next);
    assertEquals(Decision.Basis.TRUST, decision(next).basis());
    phone.go(page("/trust"));
    WebElement trust = trust(phone);
    assertTrue(trust.getText().contains("1 of 5"), trust.getText());
    assertTrue(trust.getText().contains("In force"), trust.getText());
    trust.findElement(By.cssSelector("button.reject")).click();
    phone.await("it is ended", () -> trust(phone).getText().contains("Alice Berger"));
    assertFalse(trust(phone).getText().contains("In force"), trust(phone).getText());
    phone.screenshot("trust-ended-phone");
    // From here on people are asked again.
    opened(credit("22"));
  }

  private void holdsARunAndLiftsIt(Chromium phone) {
    Verdict pending = opened(payment("103.00", Assurance.CODE));
    Verdict unexpected = opened(payment("104.00", Assurance.CODE));
    phone.go(page(path(unexpected))).type("#reason", "Nobody asked for this.");
    phone.press("button[value=unexpected]").awaitText("Rejected by Alice Berger");

    phone.go(page(path(pending))).find(".notice.held");
    assertFalse(phone.find("button.approve").isEnabled(), "nothing of it can be approved");
    assertTrue(phone.find("button.reject").isEnabled(), "a no is always open");
    phone.screenshot("held-phone").press(".notice.held a").awaitText(agent.id());
    phone.find("form[action^='/attention/holds/'] button");
    held(phone).findElement(By.cssSelector("button")).click();
    phone.await("it is lifted", () -> !phone.text().contains(agent.id()));

    phone.go(page(path(pending))).type("input[name^=typed-]", "EUR 103.00");
    phone.press("button.approve").awaitText("Approved by Alice Berger");
    assertEquals(Decision.Outcome.APPROVED, decision(pending).outcome());
  }

  private WebElement trust(Chromium phone) {
    return phone.driver().findElement(By.xpath("//article[contains(., '" + agent.id() + "')]"));
  }

  private WebElement held(Chromium phone) {
    return phone.driver().findElement(By.xpath("//li[contains(., '" + agent.id() + "')]"));
  }

  private static void type(Chromium phone, Verdict verdict, String amount) {
    phone.type("input[id='typed-2." + verdict.actionId() + "']", amount);
  }

  private Verdict.ApprovalRequired credit(String amount) {
    return Verdicts.credit(Verdicts.id(), agent, "billing", "ACME GmbH", amount);
  }

  private Verdict.ApprovalRequired payment(String amount, Assurance assurance) {
    return Verdicts.required(
        Verdicts.id(),
        agent,
        amount,
        Verdicts.requirement(assurance, Duration.ofHours(1), Verdicts.seats(1, "finance")));
  }

  private Verdict opened(Verdict verdict) {
    open(verdict);
    return verdict;
  }
}
