package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Assurance;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Cookie;

/// Signing in by an identity provider, in a browser, with a provider that nobody here wrote.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = MailServer.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = IdentityProvider.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
@SuppressWarnings("NullAway.Init") // injected
class ProviderSignInTest {

  @ConfigProperty(name = "countersign.ticket.url")
  URI origin;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "countersign.oidc.enabled")
  boolean enabled;

  private Wire wire;

  @BeforeEach
  void connect() {
    assumeTrue(enabled, "Node.js is not on this machine");
    wire = new Wire(bootstrapServers);
  }

  @AfterEach
  void disconnect() {
    if (enabled) {
      wire.close();
    }
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
      VoteRecorded vote =
          EventJson.read(
              wire.about(id, Topics.VOTE_RECORDED, 1).getFirst().value(), VoteRecorded.class);
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
      phone.go(page("/tickets/" + id));
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

  private URI page(String path) {
    return URI.create(origin + path);
  }

  private ActionId open() {
    Verdict.ApprovalRequired verdict = Verdicts.required(Verdicts.id(), 1);
    wire.publish(verdict);
    wire.about(verdict.actionId(), Topics.TICKET_OPENED, 1);
    return verdict.actionId();
  }

  private void toProvider(Chromium chromium, ActionId id) {
    chromium.go(page("/tickets/" + id)).press("a[href^='/sign-in/oidc']").find("#login");
  }

  private void comeBackAs(Chromium chromium, String name, ActionId id) {
    toProvider(chromium, id);
    chromium.type("#login", name).press("button[value=in]");
  }
}
