package dev.countersign.ticket;

import static dev.countersign.ticket.Verdicts.required;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Intent;
import dev.countersign.events.Reason;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What an approver gets to read, in plain HTML as the server wrote it.
@QuarkusTest
class DecidePageTest extends TicketServiceTest {

  @Test
  void aPageIsInTheReadersLanguage() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 2);
    open(verdict);
    Browser alice = signedIn("alice");

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
    assertFalse(browser().get("/sign-in").body().contains("<nav"));
    String inbox = signedIn("alice").get("/").body();
    for (String link : List.of("/", "/search", "/people", "/trust", "/attention")) {
      assertTrue(inbox.contains("<a href=\"" + link + "\""), link);
    }
    assertTrue(inbox.contains("<a href=\"/\" aria-current=\"page\">"), inbox);
  }

  @Test
  void whatChangedSinceTheLastLikeItIsSaid() {
    Agent bot = new Agent("comparing-bot-" + Verdicts.id(), "acme-agents", "run-7", null);
    Browser alice = signedIn("alice");
    Verdict.ApprovalRequired first = payment(bot, "4820.00", "Blue Cedar Ltd");
    open(first);
    String before = alice.get(path(first)).body();
    assertTrue(before.contains("Nothing of this agent was approved for this tool before"), before);
    approve(alice, first);

    Verdict.ApprovalRequired next = payment(bot, "48200.00", "Blue Cedar Ltd");
    open(next);
    String page = alice.get(path(next)).body();
    String changed = section(page, "Changed since the last like it");
    assertTrue(changed.contains("EUR 4820.00"), changed);
    assertTrue(changed.contains("EUR 48200.00"), changed);
    assertTrue(changed.contains(">×10<"), changed);
    assertTrue(changed.contains(path(first)), changed);
    assertFalse(changed.contains("Blue Cedar"), "the payee is the same");

    Verdict.ApprovalRequired stranger = payment(bot, "48200.00", "Blue Ced\u0430r Ltd");
    open(stranger);
    String strange = alice.get(path(stranger)).body();
    assertTrue(section(strange, "What will happen").contains("never approved before"), strange);
    assertTrue(
        section(strange, "What will happen")
            .contains("Looks like an approved value, and is another: Blue Cedar Ltd"),
        strange);
    // What was approved since is not held against what its approvers saw.
    assertTrue(
        alice.get(path(first)).body().contains("Nothing of this agent was approved for this tool"));
  }

  @Test
  void thatNothingIsDifferentIsSaidOnlyWhereNothingIs() {
    Agent bot = new Agent("repeating-bot-" + Verdicts.id(), "acme-agents", "run-7", null);
    Browser alice = signedIn("alice");
    Verdict.ApprovalRequired first = Verdicts.required(Verdicts.id(), bot, "reference-1");
    open(first);
    approve(alice, first);
    Verdict.ApprovalRequired same = Verdicts.required(Verdicts.id(), bot, "reference-1");
    open(same);
    assertTrue(alice.get(path(same)).body().contains("Nothing is different from the last one"));
    Verdict.ApprovalRequired other = Verdicts.required(Verdicts.id(), bot, "reference-2");
    open(other);
    String page = alice.get(path(other)).body();
    assertTrue(page.contains("None of the values shown is different"), page);
    assertFalse(page.contains("Nothing is different"), page);
  }

  @Test
  void aPayeeWhomNobodyKnowsIsMarkedThoughTheFieldDiffersEachTimeUnlessItIsNewEachTime() {
    Agent strangers = new Agent("strangers-bot-" + Verdicts.id(), null, null, null);
    Agent regulars = new Agent("regulars-bot-" + Verdicts.id(), null, null, null);
    String name = "Payee " + Verdicts.id() + " no. ";
    Browser alice = signedIn("alice");
    for (Agent agent : List.of(strangers, regulars)) {
      for (int i = 0; i < 5; i++) {
        Verdict.ApprovalRequired each = payment(agent, "1.00", name + i);
        open(each);
        approve(alice, each);
      }
    }
    for (Agent agent : List.of(strangers, regulars)) {
      Verdict.ApprovalRequired next = payment(agent, "1.00", "Somebody " + Verdicts.id());
      open(next);
      assertEquals(
          agent.equals(regulars),
          section(alice.get(path(next)).body(), "What will happen")
              .contains("never approved before"),
          agent.id());
    }
  }

  @Test
  void whoIsBehindARequestSeesNothingOfWhatOthersWereApproved() {
    String bot = "bot-" + Verdicts.id();
    Agent before = new Agent(bot, null, null, null);
    Agent now = new Agent(bot, null, null, "alice@acme.example");
    Verdict.ApprovalRequired first = payment(before, "4820.00", "Red Maple Ltd");
    open(first);
    Browser bob = signedIn("bob");
    approve(bob, first);
    Verdict.ApprovalRequired next = payment(now, "48200.00", "Red M\u0430ple Ltd");
    open(next);

    String judged = bob.get(path(next)).body();
    assertTrue(judged.contains("EUR 4820.00"), judged);
    assertTrue(judged.contains("Looks like an approved value"), judged);
    String asked = signedIn("alice").get(path(next)).body();
    assertTrue(asked.contains("EUR 48200.00"), asked);
    for (String said :
        List.of(
            "EUR 4820.00",
            "Changed since",
            "never approved before",
            "Looks like an approved value",
            "Red Maple",
            path(first))) {
      assertFalse(asked.contains(said), said + " in " + asked);
    }
  }

  @Test
  void whatElseItsRunDidIsShownWithItsOutcome() {
    Agent bot = new Agent("busy-bot-" + Verdicts.id(), null, "run-" + Verdicts.id(), null);
    for (int i = 0; i < 6; i++) {
      wire.publish(
          new Verdict.Denied(
              Verdicts.id(),
              Verdicts.denied(Verdicts.id()).at(),
              Verdicts.action(bot, "1.0" + i),
              Digest.of(new byte[] {(byte) i}),
              null,
              List.of(),
              Verdicts.POLICY,
              new Reason("blocked", "No.")));
    }
    Verdict.ApprovalRequired verdict = payment(bot, "1.00", "ACME GmbH");
    open(verdict);
    Browser alice = signedIn("alice");
    String page = alice.get(path(verdict)).body();
    String who = section(page, "Requested by");
    assertEquals(5, who.split("<li>", -1).length - 1, who);
    assertTrue(who.contains("payments/wire_transfer"), who);
    assertTrue(who.contains("Denied by the policy"), who);
    assertTrue(who.contains("/search?words=run-"), who);
  }

  @Test
  void aTicketTellsItsHistory() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 2);
    open(verdict);
    Browser bob = signedIn("bob");
    bob.get(path(verdict));
    Browser alice = signedIn("alice");
    approve(alice, verdict);
    String page = bob.get(path(verdict)).body();
    String history = page.substring(page.indexOf("class=\"timeline\""));
    int opened = history.indexOf("Opened");
    int looked = history.indexOf("Bob Okafor looked at it");
    int approved = history.indexOf("Alice Berger approved (by mailed code)");
    assertTrue(opened > 0 && opened < looked && looked < approved, history);
  }

  @Test
  void aTicketIsFoundByThoseWhoMayReadIt() {
    Agent bot = new Agent("found-bot-" + Verdicts.id(), null, "run-" + Verdicts.id(), null);
    Verdict.ApprovalRequired verdict = payment(bot, "77.00", "ACME GmbH");
    open(verdict);
    String code = code(verdict);
    Browser alice = signedIn("alice");
    Browser dave = signedIn("dave");
    for (String words :
        List.of(
            verdict.actionId().toString(),
            code.toLowerCase(Locale.ROOT),
            bot.id().toUpperCase(Locale.ROOT),
            String.valueOf(bot.session()))) {
      String found = alice.get("/search?words=" + words).body();
      assertTrue(found.contains("Send EUR 77.00"), words + " in " + found);
    }
    assertTrue(
        alice
            .get("/search?words=payments/wire_transfer&state=pending")
            .body()
            .contains(path(verdict)));
    assertFalse(
        alice.get("/search?words=" + bot.id() + "&state=rejected").body().contains(path(verdict)));
    assertFalse(
        alice
            .get("/search?words=" + bot.id() + "&until=2020-01-01")
            .body()
            .contains(path(verdict)));
    assertEquals(400, alice.get("/search?since=yesterday").statusCode());

    // Whoever may not read it finds by its name alone the card, and by nothing else.
    for (String words : List.of(verdict.actionId().toString(), code)) {
      String card = dave.get("/search?words=" + words).body();
      assertTrue(card.contains("Wire transfer"), card);
      assertFalse(card.contains("77.00"), card);
    }
    assertFalse(dave.get("/search?words=" + bot.id()).body().contains(path(verdict)));
    assertTrue(browser().get("/search").body().contains("Mail me a code"));
  }

  @Test
  void aSearchIsReadPageByPage() {
    Agent bot = new Agent("paging-bot-" + Verdicts.id(), null, null, null);
    List<Verdict.ApprovalRequired> all = new ArrayList<>();
    for (int i = 0; i < 27; i++) {
      // Soon over, so that they fill nobody's inbox.
      all.add(
          required(
              Verdicts.id(),
              bot,
              "1.00",
              Verdicts.requirement(
                  Assurance.CODE, Duration.ofSeconds(1), Verdicts.seats(1, "finance"))));
    }
    open(all);
    Browser alice = signedIn("alice");
    String first = alice.get("/search?words=" + bot.id()).body();
    Matcher next = Pattern.compile("href=\"(/search[^\"]+after=[^\"]+)\"").matcher(first);
    assertTrue(next.find(), first);
    String second = alice.get(next.group(1).replace("&amp;", "&")).body();
    for (Verdict.ApprovalRequired each : all) {
      assertTrue(first.contains(path(each)) != second.contains(path(each)), "on one page of two");
    }
    assertFalse(second.contains("after="), second);
  }

  @Test
  void anOpenPageLearnsOfAnAnswer() throws Exception {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    open(verdict);
    String changes = "/changes?ticket=" + verdict.actionId();
    assertEquals(401, browser().get(changes).statusCode());
    Browser alice = signedIn("alice");
    assertTrue(alice.get(changes).body().contains("\"mark\":\"0pending\""));
    assertEquals(400, alice.get("/changes?ticket=no").statusCode());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> news =
          threads.submit(() -> alice.get(changes + "&mark=0pending&wait=25").body());
      approve(signedIn("bob"), verdict);
      assertTrue(news.get(20, TimeUnit.SECONDS).contains("1approved"));
    }
    // Another ticket is another inbox.
    String before = mark(alice.get("/changes").body());
    open(
        required(
            Verdicts.id(),
            Verdicts.BOT,
            "1.00",
            Verdicts.requirement(
                Assurance.CODE, Duration.ofMinutes(5), Verdicts.seats(1, "finance"))));
    assertNotEquals(before, mark(alice.get("/changes?mark=" + before + "&wait=20").body()));
  }

  @Test
  void theInboxsMarkIsOfQuestionsHoweverOftenOneIsAsked() {
    Agent bot = new Agent("asking-bot-" + Verdicts.id(), null, null, null);
    List<Verdict.ApprovalRequired> copies = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      copies.add(required(Verdicts.id(), bot, "the same"));
    }
    open(copies);
    Browser alice = signedIn("alice");
    String before = mark(alice.get("/changes").body());
    open(required(Verdicts.id(), bot, "the same"));
    String more = mark(alice.get("/changes").body());
    assertNotEquals(before, more, "one more that asks the same");
    open(required(Verdicts.id(), bot, "another"));
    assertNotEquals(more, mark(alice.get("/changes").body()), "another question, behind them");
  }

  @Test
  void whatWasFilledInIsThereAgainWhenTheAnswerIsNotTaken() {
    Agent bot = new Agent("bot-" + Verdicts.id(), null, "run-1", null);
    Verdict.ApprovalRequired verdict =
        Verdicts.credit(Verdicts.id(), bot, "billing", "ACME GmbH", "20");
    open(verdict);
    Browser alice = signedIn("alice");
    Map<String, String> form = Browser.form(alice.get(path(verdict)).body(), "approve");
    form.put("typed-1", "\"20\"");
    form.put("reason", "Agreed with <ACME>.");
    form.put("trust", "yes");
    form.put("trust-calls", "3");
    form.put("trust-minutes", "7");
    form.put("trust-sum", "60");
    HttpResponse<String> refused = alice.post(path(verdict), form);
    assertEquals(400, refused.statusCode());
    assertEquals(path(verdict), refused.uri().getRawPath());
    assertEquals(null, refused.uri().getRawQuery());
    for (String said :
        List.of(
            "value=\"&quot;20&quot;\" aria-invalid=\"true\" aria-describedby=\"typed-1-wrong\"",
            "id=\"typed-1-wrong\">What you typed is not what is shown.",
            ">Agreed with &lt;ACME&gt;.</textarea>",
            "<details class=\"trust-offer\" open>",
            "name=\"trust\" value=\"yes\" checked",
            "value=\"3\"",
            "value=\"7\"",
            "value=\"60\"")) {
      assertTrue(refused.body().contains(said), said + " in " + refused.body());
    }
    // Too wide: nothing that was typed is wrong.
    form.put("typed-1", "20");
    form.put("trust-calls", "4000");
    String wide = alice.post(path(verdict), form).body();
    assertFalse(wide.contains("aria-invalid"), wide);
    assertTrue(wide.contains("value=\"20\""), wide);
    assertTrue(wide.contains("value=\"4000\""), wide);
  }

  @Test
  void whatAPageAsksByItselfKeepsNoSessionAlive() throws Exception {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    open(verdict);
    Browser carol = signedIn("carol");
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      String idle =
          "update session set last_seen_at = now() - interval '%d minutes' where approver = 'carol'";
      statement.executeUpdate(idle.formatted(14));
      assertEquals(200, carol.get("/changes?ticket=" + verdict.actionId()).statusCode());
      assertEquals(200, carol.get(path(verdict), "Countersign-By-Itself", "1").statusCode());
      assertTrue(isIdle(statement), "nobody pressed anything");
      carol.get(path(verdict));
      assertFalse(isIdle(statement));
      statement.executeUpdate(idle.formatted(16));
      assertEquals(401, carol.get("/changes").statusCode());
    }
  }

  private static boolean isIdle(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "select max(last_seen_at) < now() - interval '10 minutes' from session"
                + " where approver = 'carol'")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  @Test
  void thePageWeighsLessThanSixtyKilobytesInAll() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 2);
    open(verdict);
    Browser alice = signedIn("alice");
    String page = alice.get(path(verdict)).body();
    int bytes = page.getBytes(StandardCharsets.UTF_8).length;
    Matcher part = Pattern.compile("(?:src|href)=\"(/[a-z-]+\\.(?:js|css))\"").matcher(page);
    int parts = 0;
    while (part.find()) {
      bytes += alice.get(part.group(1)).body().getBytes(StandardCharsets.UTF_8).length;
      parts++;
    }
    assertTrue(parts >= 2, page);
    assertTrue(bytes < 60_000, "the decide page weighs " + bytes + " bytes");
  }

  @Test
  void everyPageIsAsStrictAsItCanBe() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    open(verdict);
    Browser alice = signedIn("alice");
    for (String path :
        List.of("/", path(verdict), "/sign-in", "/search", "/tickets/no", "/page.js", "/changes")) {
      HttpHeaders headers = alice.get(path).headers();
      assertEquals(
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action"
              + " 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for"
              + " 'script'; trusted-types 'none'",
          headers.firstValue("Content-Security-Policy").orElse(""),
          path);
      assertEquals("no-store", headers.firstValue("Cache-Control").orElse(""), path);
      assertEquals("no-referrer", headers.firstValue("Referrer-Policy").orElse(""), path);
      assertEquals("nosniff", headers.firstValue("X-Content-Type-Options").orElse(""), path);
      assertEquals(
          "same-origin", headers.firstValue("Cross-Origin-Opener-Policy").orElse(""), path);
    }
  }

  @Test
  void theButtonNamesTheAct() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    open(verdict);
    Browser alice = signedIn("alice");
    String page = alice.get(path(verdict)).body();
    assertTrue(page.contains("value=\"approve\">Approve: Send EUR 48200.00</button>"), page);
  }

  private static Verdict.ApprovalRequired payment(Agent agent, String amount, String payee) {
    return required(
        Verdicts.id(),
        agent,
        amount,
        payee,
        Verdicts.financeWithinTheHour(1),
        new Intent("Pay", "due", "settled", null, 0.9));
  }

  private void approve(Browser browser, Verdict.ApprovalRequired verdict) {
    String page = browser.get(path(verdict)).body();
    Map<String, String> form = Browser.form(page, "approve");
    form.put(Browser.labelled(page, "Amount"), verdict.prompt().fields().getLast().value());
    assertEquals(200, browser.post(path(verdict), form).statusCode());
  }

  private String code(Verdict verdict) {
    return String.valueOf(
        wire.events(TicketOpened.class, verdict.actionId(), Topics.TICKET_OPENED, 1)
            .getFirst()
            .card()
            .shortCode());
  }

  private static String section(String page, String heading) {
    int from = page.indexOf("<h2>" + heading);
    assertTrue(from > 0, heading + " in " + page);
    return page.substring(from, page.indexOf("</section>", from));
  }

  private static String mark(String sight) {
    return EventJson.readTree(sight.getBytes(StandardCharsets.UTF_8)).path("mark").textValue();
  }
}
