package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.Assurance;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Crawler;
import dev.countersign.testbrowser.Screen;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Votes by passkey in a real browser, whose authenticator is in the person's device or is not.
@QuarkusTest
class PasskeyInABrowserTest extends TicketServiceTest {

  private static final String AMOUNT = "EUR 48200.00";
  private static final String APPROVE = "button[name=answer][value=approve]";

  /// Scripts of somebody who holds the page and knows how it works.
  ///
  /// `options(answer)` asks what is to be signed, `sign(publicKey)` asks the passkey, and
  /// `send(answer, ceremony, assertion)` posts the form past the page's own script and gives the
  /// status that came of it.
  private static final String BY_HAND =
      """
      const done = arguments[arguments.length - 1];
      const bytes = text =>
          Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
      const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
          .replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
      const fields = answer => {
        const form = new FormData(document.querySelector('section.answer form'));
        form.set('answer', answer);
        for (const input of document.querySelectorAll('input[name^=typed-]')) {
          form.set(input.name, 'EUR 48200.00');
        }
        return new URLSearchParams(form);
      };
      const options = async answer =>
          (await fetch(location.pathname + '/challenge', {method: 'POST', body: fields(answer)})).json();
      const sign = async publicKey => {
        const given = await navigator.credentials.get({publicKey: {
          ...publicKey,
          challenge: bytes(publicKey.challenge),
          allowCredentials: publicKey.allowCredentials.map(each => ({...each, id: bytes(each.id)})),
        }});
        const {clientDataJSON, authenticatorData, signature} = given.response;
        return JSON.stringify({id: given.id, rawId: text(given.rawId), type: given.type, response: {
          clientDataJSON: text(clientDataJSON),
          authenticatorData: text(authenticatorData),
          signature: text(signature),
        }});
      };
      const send = async (answer, ceremony, assertion) => {
        const body = fields(answer);
        body.set('ceremony', ceremony);
        body.set('assertion', assertion);
        return (await fetch(location.pathname, {method: 'POST', body})).status;
      };
      """;

  @Test
  void theDeviceInTheirHandApprovesWhatTheySee() {
    TicketOpened ticket = open(1);
    try (Chromium phone = Chromium.open(Screen.PHONE)) {
      put(passkeyOf("alice"), phone.authenticator(true));
      signIn(phone, "alice", page(ticket));
      phone.screenshot("passkey-decide-phone");
      phone
          .type("input[name^=typed-]", AMOUNT)
          .press(APPROVE)
          .awaitText("Approved by Alice Berger");
      VoteRecorded vote =
          wire.events(VoteRecorded.class, ticket.actionId(), Topics.VOTE_RECORDED, 1).getFirst();
      assertEquals(Assurance.PASSKEY, vote.assurance());
      newsWhileThePasskeyIsAskedLeaveWhatIsSigned(phone);
      aFormThatCameWhileThePageWasOpenIsSignedToo(phone);
    }
  }

  private void newsWhileThePasskeyIsAskedLeaveWhatIsSigned(Chromium phone) {
    TicketOpened ticket = open(2);
    phone.go(page(ticket)).type("input[name^=typed-]", AMOUNT).type("#reason", "As agreed.");
    phone
        .driver()
        .executeScript(
            """
            const ask = navigator.credentials.get.bind(navigator.credentials);
            navigator.credentials.get = async options => {
              await new Promise(touch => { window.touch = touch; });
              return ask(options);
            };
            """);
    phone.press(APPROVE);
    phone.await("the passkey is asked", () -> is(phone, "return Boolean(window.touch)"));
    approve("bob", ticket);
    phone.await(
        "the page has heard of it",
        () ->
            is(
                phone,
                "return performance.getEntriesByName(location.href)"
                    + ".some(each => each.initiatorType === 'xmlhttprequest')"));
    assertEquals("0", phone.find("input[name=version]").getDomProperty("value"));
    phone.driver().executeScript("window.touch()");
    phone.awaitText("The ticket has changed since you opened it.").awaitText("1 of 2 approvals");
    phone.screenshot("stale-after-passkey-phone");
    assertEquals(AMOUNT, phone.find("input[name^=typed-]").getDomProperty("value"));
    assertEquals("As agreed.", phone.find("#reason").getDomProperty("value"));
    phone.press(APPROVE).awaitText("Approved by Bob Okafor and Alice Berger");
  }

  private void aFormThatCameWhileThePageWasOpenIsSignedToo(Chromium phone) {
    TicketOpened ticket = open(2);
    phone.go(page(ticket)).type("#reason", "On second thought, no.");
    approve("alice", ticket);
    phone.awaitText("You approved.").await("it stands", () -> !phone.has("[data-moved]"));
    assertEquals("On second thought, no.", phone.find("#reason").getDomProperty("value"));
    phone.press("button.reject").awaitText("Rejected by Alice Berger");
  }

  private static boolean is(Chromium chromium, String script) {
    return Boolean.TRUE.equals(chromium.driver().executeScript(script));
  }

  /// Somebody approves elsewhere, on another device.
  private void approve(String approver, TicketOpened ticket) {
    Browser browser = signedIn(approver);
    String path = path(ticket.actionId());
    Map<String, String> form = Browser.form(browser.get(path).body(), "approve");
    form.put("typed-2", AMOUNT);
    sign(browser, path, form, passkeyOf(approver));
    assertEquals(200, browser.post(path, form).statusCode());
  }

  @Test
  void aDeviceThatHasNotCheckedWhoHoldsItApprovesNothing() {
    TicketOpened ticket = open(1);
    try (Chromium phone = Chromium.open(Screen.PHONE)) {
      put(passkeyOf("alice"), phone.authenticator(false));
      signIn(phone, "alice", page(ticket));
      phone.type("input[name^=typed-]", AMOUNT).press(APPROVE);
      phone.awaitText("Your passkey gave no answer").screenshot("passkey-unverified-phone");
      assertPending(ticket);
    }
  }

  @Test
  void aPageOfAnotherNameGetsNothingFromTheDevice() {
    TicketOpened ticket = open(1);
    try (Chromium desk = Chromium.open(Screen.DESK)) {
      put(passkeyOf("alice"), desk.authenticator(true));
      URI byAddress = URI.create("http://127.0.0.1:" + origin.getPort());
      signIn(desk, "alice", byAddress.resolve(path(ticket.actionId())));
      desk.type("input[name^=typed-]", AMOUNT).press(APPROVE);
      desk.awaitText("Open this page by its name instead of an address");
      assertPending(ticket);
    }
  }

  @Test
  void whatTheDeviceSignedOnAnotherOriginIsRefused() throws IOException {
    TicketOpened ticket = open(1);
    HttpServer elsewhere =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    elsewhere.createContext(
        "/",
        exchange -> {
          byte[] page =
              "<!doctype html><title>Win a prize</title><link rel=icon href='data:,'>"
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/html");
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    elsewhere.start();
    try (Chromium desk = Chromium.open(Screen.DESK)) {
      put(passkeyOf("alice"), desk.authenticator(true));
      signIn(desk, "alice", page(ticket));
      Map<?, ?> asked = (Map<?, ?>) byHand(desk, "options('approve').then(done, done)");
      // The same host on another port: the same relying party, and so the passkey signs there.
      desk.go(URI.create("http://localhost:" + elsewhere.getAddress().getPort() + "/"));
      Object assertion =
          byHand(desk, "sign(arguments[0]).then(done, done)", asked.get("publicKey"));
      desk.go(page(ticket));
      assertEquals(
          403L,
          byHand(
              desk,
              "send('approve', arguments[0], arguments[1]).then(done, done)",
              asked.get("ceremony"),
              assertion));
      assertPending(ticket);
    } finally {
      elsewhere.stop(0);
    }
  }

  @Test
  void aSignedRejectionIsNoApproval() {
    TicketOpened ticket = open(1);
    try (Chromium desk = Chromium.open(Screen.DESK)) {
      put(passkeyOf("alice"), desk.authenticator(true));
      signIn(desk, "alice", page(ticket));
      assertEquals(
          403L,
          byHand(
              desk,
              """
              options('reject')
                  .then(async asked =>
                      send('approve', asked.ceremony, await sign(asked.publicKey)))
                  .then(done, done)
              """));
      assertPending(ticket);
    }
  }

  @Test
  void anAssertionIsTakenOnceAndNeverForAnotherTicket() {
    TicketOpened one = open(2);
    TicketOpened other = open(1);
    try (Chromium desk = Chromium.open(Screen.DESK)) {
      put(passkeyOf("alice"), desk.authenticator(true));
      signIn(desk, "alice", page(one));
      Object sent =
          byHand(
              desk,
              """
              options('approve')
                  .then(async asked => {
                    const assertion = await sign(asked.publicKey);
                    const first = await send('approve', asked.ceremony, assertion);
                    const second = await send('approve', asked.ceremony, assertion);
                    return [first, second, asked.ceremony, assertion];
                  })
                  .then(done, done)
              """);
      assertEquals(List.of(200L, 403L), ((List<?>) sent).subList(0, 2));
      desk.go(page(other)).find("section.answer");
      Object elsewhere =
          byHand(desk, "send('approve', arguments[0][2], arguments[0][3]).then(done, done)", sent);
      assertEquals(403L, elsewhere);
      assertPending(other);
    }
  }

  /// Safety, attack 8.
  @Test
  void whoFollowsEveryLinkAndPostsEveryFormDecidesNothing() {
    TicketOpened ticket = open(1);
    try (Chromium scanner = Chromium.open(Screen.DESK)) {
      Set<String> pressed =
          new Crawler(scanner, Map.of("typed-", AMOUNT, "address", "alice@acme.example"), Set.of())
              .crawl(ticket.link());
      assertTrue(
          pressed.stream().anyMatch(each -> each.startsWith("post /sign-in ")), pressed + "");
      assertPending(ticket);
    }
  }

  /// The bar of issue 3: a stranger given the link and the mailbox, without the device, decides
  /// nothing.
  @Test
  void whoHasTheMailboxAndNotTheDeviceDecidesNothing() {
    var _ = passkeyOf("alice");
    TicketOpened ticket = open(1);
    try (Chromium stranger = Chromium.open(Screen.DESK)) {
      // A device of their own, which knows no passkey of alice's.
      var _ = stranger.authenticator(true);
      signIn(stranger, "alice", page(ticket));
      Set<String> pressed =
          new Crawler(
                  stranger,
                  Map.of("typed-", AMOUNT, "reason", "because"),
                  Set.of("/sign-out", "/people/sign-out"))
              .crawl(page(ticket));
      for (String answer : List.of("approve", "reject")) {
        assertTrue(
            pressed.contains("post " + path(ticket.actionId()) + " answer=" + answer),
            pressed.toString());
      }
      assertPending(ticket);
    }
  }

  private URI page(TicketOpened ticket) {
    return page(path(ticket.actionId()));
  }

  private void assertPending(TicketOpened ticket) {
    assertPending(signedIn("bob"), ticket.actionId());
  }

  private static Object byHand(Chromium chromium, String script, @Nullable Object... arguments) {
    return Objects.requireNonNull(
        chromium.driver().executeAsyncScript(BY_HAND + script, arguments));
  }

  private TicketOpened open(int votes) {
    Verdict.ApprovalRequired verdict =
        Verdicts.required(
            Verdicts.id(),
            Verdicts.BOT,
            "48200.00",
            Verdicts.requirement(
                Assurance.PASSKEY, Duration.ofHours(1), Verdicts.seats(votes, "finance")));
    return open(verdict);
  }
}
