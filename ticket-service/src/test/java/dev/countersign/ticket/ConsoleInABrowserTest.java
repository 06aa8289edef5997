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
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.virtualauthenticator.VirtualAuthenticator;

/// What an approver does beside answering one question, on a phone: they answer a set with one
/// touch, trust a session and end that, hold one and lift that. Whatever page is open shows what
/// happens elsewhere meanwhile.
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
      readsWhyOneOfASetWasRefusedWhileNewsComeIn(phone);
      trustsARunAndEndsIt(phone);
      seesHowOthersHoldARunAndLiftIt(phone);
      holdsARunAndLiftsIt(phone);
      correctsWhatWasTyped(phone);
      seesHowTheirPasskeysChange(phone);
    }
  }

  private void answersASetWithOneTouch(Chromium phone, VirtualAuthenticator device) {
    Batch batch = new Batch(UUID.randomUUID().toString(), 2);
    Verdict first = opened(Verdicts.in(batch, null, payment("101.00", Assurance.PASSKEY)));
    int before = device.getCredentials().getFirst().getSignCount();

    phone.go(page(path(first))).press(".part-of-set a").awaitText("1 are missing");
    type(phone, first, "EUR 101.00");
    mark(phone);
    Verdict second = opened(Verdicts.in(batch, null, payment("102.00", Assurance.PASSKEY)));
    phone.awaitText("All 2 are here.").awaitText("1 more has come in since.");
    assertFalse(phone.text().contains("102.00"), "not in the form before they asked to see it");
    assertEquals("Approve these 1", phone.find("button.approve").getText());
    phone.screenshot("set-came-in-phone").press("a[data-includes]").awaitText("102.00");
    assertEquals("Approve these 2", phone.find("button.approve").getText());
    assertNotReloaded(phone);
    phone.await("it stands still", () -> !phone.has("[data-moved]"));
    assertEquals(
        "EUR 101.00",
        phone.find("input[id='typed-2." + first.actionId() + "']").getDomProperty("value"));
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

  private void readsWhyOneOfASetWasRefusedWhileNewsComeIn(Chromium phone) {
    Batch batch = new Batch(UUID.randomUUID().toString(), 3);
    Verdict first = opened(Verdicts.in(batch, null, payment("111.00", Assurance.CODE)));
    Verdict second = opened(Verdicts.in(batch, null, payment("112.00", Assurance.CODE)));
    phone.go(page(path(first) + "/set"));
    phone.awaitText("2 of 3 have come in");
    type(phone, first, "EUR 11.10");
    type(phone, second, "EUR 112.00");
    phone.expect(Pattern.compile("status of 409"));
    phone.press("button.approve").awaitText("Not all of them were answered as you said.");
    assertEquals(Decision.Outcome.APPROVED, decision(second).outcome());
    String why = phone.find("[data-refused]").getText();
    mark(phone);
    opened(Verdicts.in(batch, null, payment("113.00", Assurance.CODE)));
    phone.awaitText("1 more has come in since.");
    assertEquals(why, phone.find("[data-refused]").getText());
    WebElement wrong = phone.find("input[aria-invalid]");
    assertEquals("EUR 11.10", wrong.getDomProperty("value"));
    assertEquals(
        "What you typed is not what is shown. Type the value exactly as it stands there.",
        phone.find("[id='" + wrong.getDomAttribute("aria-describedby") + "']").getText());
    assertNotReloaded(phone);
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
    mark(phone);
    // The first news are told above, and all that stands below moves.
    pressRevokeAsSoonAs(phone, "article.querySelector('form[data-moved]')");
    use("23");
    phone.await(
        "it was pressed",
        () -> Boolean.TRUE.equals(phone.driver().executeScript("return window.pressed")));
    phone.await("it stands still", () -> !phone.has("[data-moved]"));
    assertNotReloaded(phone);
    assertTrue(trust(phone).getText().contains("2 of 5"), trust(phone).getText());
    assertTrue(trust(phone).getText().contains("In force"), "where it moved it takes nothing");
    // Where nothing moves it takes all, in the very moment of a change.
    pressRevokeAsSoonAs(phone, "article.textContent.includes('3 of 5')");
    use("24");
    phone.await("it is ended", () -> trust(phone).getText().contains("Revoked by Alice Berger"));
    phone.screenshot("trust-ended-phone");
    // From here on people are asked again.
    opened(credit("22"));
  }

  private void use(String amount) {
    Verdict call = credit(amount);
    wire.publish(call);
    assertEquals(Decision.Basis.TRUST, decision(call).basis());
  }

  /// Faster than any finger: before the page has come to anything else.
  private void pressRevokeAsSoonAs(Chromium phone, String condition) {
    phone
        .driver()
        .executeScript(
            """
            window.pressed = false;
            new MutationObserver((_, observer) => {
              const article = [...document.querySelectorAll('article.trust')]
                  .find(each => each.textContent.includes(arguments[0]));
              if (!(%s)) return;
              observer.disconnect();
              article.querySelector('button.reject').click();
              window.pressed = true;
            }).observe(document.body, {subtree: true, childList: true, attributes: true});
            """
                .formatted(condition),
            agent.id());
  }

  private void seesHowOthersHoldARunAndLiftIt(Chromium phone) {
    Verdict pending = opened(payment("105.00", Assurance.CODE));
    Verdict unexpected = opened(payment("106.00", Assurance.CODE));
    Verdict further = opened(payment("107.00", Assurance.CODE));
    Browser bob = signedIn("bob");
    phone.go(page(path(pending))).type("input[name^=typed-]", "EUR 105.00");
    mark(phone);
    hold(bob, unexpected);
    phone.await("it is held", () -> phone.has(".notice.held"));
    phone.await("it says so", () -> phone.find("#said").getText().contains("Bob Okafor"));
    assertFalse(phone.find("button.approve").isEnabled(), "nothing of it can be approved");
    assertTrue(phone.find("button.reject").isEnabled(), "a no is always open");
    phone.screenshot("held-elsewhere-phone");
    lift(bob);
    phone.await("it is lifted", () -> !phone.has(".notice.held"));
    assertTrue(phone.find("button.approve").isEnabled());
    assertEquals("EUR 105.00", phone.find("input[name^=typed-]").getDomProperty("value"));
    assertNotReloaded(phone);

    phone.go(page("/attention")).find("h1.page");
    mark(phone);
    hold(bob, further);
    phone.awaitText(agent.id());
    lift(bob);
    phone.await("it is gone", () -> !phone.text().contains(agent.id()));
    assertNotReloaded(phone);
    phone.go(page(path(pending))).press("button.reject").awaitText("Rejected by Alice Berger");
  }

  private static void hold(Browser browser, Verdict verdict) {
    Map<String, String> form = Browser.form(browser.get(path(verdict)).body(), "unexpected");
    assertEquals(200, browser.post(path(verdict), form).statusCode());
  }

  private void lift(Browser browser) {
    String attention = browser.get("/attention").body();
    String path =
        attention
            .substring(attention.indexOf(agent.id()))
            .replaceFirst("(?s).*?action=\"(/attention/holds/[0-9]+)\".*", "$1");
    assertEquals(200, browser.post(path, Map.of("token", Browser.token(attention))).statusCode());
  }

  private void correctsWhatWasTyped(Chromium phone) {
    Verdict pending = opened(payment("108.00", Assurance.CODE));
    phone.go(page(path(pending))).type("input[name^=typed-]", "EUR 180.00");
    phone.type("#reason", "As agreed with ACME.").press("button.approve");
    phone.awaitText("Type the value exactly as it stands there.");
    WebElement wrong = phone.find("input[aria-invalid]");
    assertEquals("EUR 180.00", wrong.getDomProperty("value"));
    assertEquals(wrong, phone.driver().switchTo().activeElement(), "where to correct it");
    assertTrue(
        phone.find("#" + wrong.getDomAttribute("aria-describedby")).getText().contains("exactly"));
    assertEquals("As agreed with ACME.", phone.find("#reason").getDomProperty("value"));
    assertEquals(List.of(), phone.barriers());
    phone.screenshot("not-confirmed-phone");
    wrong.clear();
    phone.type("input[name^=typed-]", "EUR 108.00").press("button.approve");
    phone.awaitText("Approved by Alice Berger");
  }

  private void seesHowTheirPasskeysChange(Chromium phone) {
    phone.go(page("/people")).find("h1.page");
    int before = phone.driver().findElements(By.cssSelector(".passkeys > li")).size();
    mark(phone);
    var _ = passkeyOf("alice");
    phone.await(
        "it is listed",
        () -> phone.driver().findElements(By.cssSelector(".passkeys > li")).size() == before + 1);
    assertNotReloaded(phone);
  }

  /// A page that is loaded anew knows nothing of it.
  private static void mark(Chromium phone) {
    phone.driver().executeScript("window.notReloaded = true");
  }

  private static void assertNotReloaded(Chromium phone) {
    assertEquals(true, phone.driver().executeScript("return window.notReloaded"));
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
