package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Assurance;
import dev.countersign.events.Topics;
import dev.countersign.events.VoteRecorded;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Programs;
import dev.countersign.testbrowser.Screen;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Cookie;

/// Signing in by an identity provider, in a browser, with a provider that nobody here wrote.
@QuarkusTest
@WithTestResource(value = IdentityProvider.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class ProviderSignInTest extends TicketServiceTest {

  @BeforeEach
  void needsNode() {
    Programs.need("node");
    Programs.need("npm");
  }

  @Test
  void theProviderSaysWhoSomebodyIsAndItsSessionRejects() {
    ActionId id = open();
    try (Chromium phone = Chromium.open(Screen.PHONE)) {
      comeBackAs(phone, "bob@acme.example", id);
      phone.find("section.answer");
      assertEquals("Bob Okafor", phone.find("form.person span").getDomProperty("textContent"));
      assertEquals(
          List.of("countersign-session"),
          phone.driver().manage().getCookies().stream().map(Cookie::getName).toList(),
          "nothing of the provider's stays");

      phone.type("#reason", "Not this one.").press("button[value=reject]");
      phone.awaitText("Rejected by Bob Okafor");
      VoteRecorded vote = wire.events(VoteRecorded.class, id, Topics.VOTE_RECORDED, 1).getFirst();
      assertEquals(Assurance.SIGNED_IN, vote.assurance());
    }
  }

  @Test
  void theProvidersWordApprovesNothing() {
    ActionId id = open();
    try (Chromium phone = Chromium.open(Screen.PHONE)) {
      comeBackAs(phone, "alice@acme.example", id);
      phone.find("section.answer");
      phone.screenshot("decide-signed-in-by-provider");
      // What the page does not offer is not taken either.
      phone
          .driver()
          .executeScript(
              """
              const form = document.querySelector('section.answer form');
              form.removeAttribute('data-passkey');
              for (const input of form.querySelectorAll('input[name^=typed-]')) input.value = 'EUR 48200.00';
              const answer = document.createElement('input');
              answer.name = 'answer';
              answer.value = 'approve';
              form.append(answer);
              HTMLFormElement.prototype.submit.call(form);
              """);
      phone.find("[role=alert]");
      phone.go(page(path(id)));
      assertTrue(phone.text().contains("0 of 1 approval"), phone.text());
    }
  }

  @Test
  void whoIsNoApproverGetsNoSession() {
    ActionId id = open();
    try (Chromium desk = Chromium.open(Screen.DESK)) {
      comeBackAs(desk, "mallory@acme.example", id);
      desk.awaitText("mallory@acme.example").screenshot("provider-unknown");
      assertEquals(List.of(), desk.barriers());
      assertTrue(desk.driver().manage().getCookies().isEmpty(), "no cookie stays");
    }
  }

  @Test
  void anAddressThatTheProviderHasNotCheckedIsNobodys() {
    ActionId id = open();
    try (Chromium desk = Chromium.open(Screen.DESK)) {
      comeBackAs(desk, "unverified:alice@acme.example", id);
      desk.awaitText("Not signed in").screenshot("provider-unverified");
      assertTrue(desk.driver().manage().getCookies().isEmpty(), "no cookie stays");
    }
  }

  @Test
  void whoTurnsBackAtTheProviderIsToldSo() {
    ActionId id = open();
    try (Chromium desk = Chromium.open(Screen.DESK)) {
      toProvider(desk, id);
      desk.press("button[value=away]").awaitText("Not signed in");
    }
  }

  @Test
  void anAnswerOfTheProviderThatNobodyHereAskedForIsNotTaken() {
    try (Chromium desk = Chromium.open(Screen.DESK)) {
      desk.go(page("/sign-in/oidc?code=stolen&state=made-up"));
      assertFalse(desk.text().contains("Signed in"), desk.text());
      assertTrue(
          desk.driver().manage().getCookies().stream()
              .noneMatch(each -> each.getName().equals("countersign-session")),
          "no session began");
    }
  }

  private ActionId open() {
    return open(Verdicts.required(Verdicts.id(), 1)).actionId();
  }

  private void toProvider(Chromium chromium, ActionId id) {
    chromium.go(page(path(id))).press("a[href^='/sign-in/oidc']").find("#login");
  }

  private void comeBackAs(Chromium chromium, String name, ActionId id) {
    toProvider(chromium, id);
    chromium.type("#login", name).press("button[value=in]");
  }
}
