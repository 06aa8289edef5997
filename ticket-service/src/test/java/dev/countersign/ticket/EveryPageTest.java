package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Batch;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Intent;
import dev.countersign.events.LateOutcome;
import dev.countersign.events.Precondition;
import dev.countersign.events.Prompt;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Rule;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.launcher.SoftwarePasskey;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import dev.countersign.testbrowser.Theme;
import dev.countersign.ticket.outbound.BreakableSigner;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Every page there is, in every state that a person can meet it in, on a phone and at a desk,
/// light and dark, English and German: axe finds nothing, nothing is wider than the narrowest
/// screen, and text of twice its size still fits. `target/screenshots/every-*` has a picture of
/// each. Each page is seen by two: one pair has a page, the other the next, so that each page has
/// both sizes, both themes and both languages, and all four combinations have half of the pages.
@QuarkusTest
class EveryPageTest extends TicketServiceTest {

  /// What a person may have before them; each theme and each language on each screen.
  private enum Sight {
    PHONE_LIGHT(Screen.PHONE, Theme.LIGHT, Locale.ENGLISH),
    DESK_DARK(Screen.DESK, Theme.DARK, Locale.GERMAN),
    PHONE_DARK(Screen.PHONE, Theme.DARK, Locale.GERMAN),
    DESK_LIGHT(Screen.DESK, Theme.LIGHT, Locale.ENGLISH);

    private final Screen screen;
    private final Theme theme;
    private final Locale language;

    Sight(Screen screen, Theme theme, Locale language) {
      this.screen = screen;
      this.theme = theme;
      this.language = language;
    }
  }

  @Inject BreakableSigner signer;

  private final Agent agent =
      new Agent("billing-bot", "acme-agents", "run-" + UUID.randomUUID(), "treasury@acme.example");
  private final List<String> barriers = new ArrayList<>();
  private int looked;

  @Test
  void everyPageIsForEverybody() {
    Browser alice = signedIn("alice");
    Verdict executed = approved(alice, execution(Execution.Status.SUCCEEDED, null));
    Verdict failed =
        approved(alice, execution(Execution.Status.UNKNOWN, "It was cut off after it had begun."));
    Verdict looked =
        approved(alice, execution(Execution.Status.UNKNOWN, "It was cut off after it had begun."));
    wire.publish(
        new LateOutcome(
            failed.actionId(),
            Instant.now(),
            Execution.Status.SUCCEEDED,
            ((Verdict.ApprovalRequired) failed).actionDigest(),
            "201",
            "Booked under another reference.",
            Execution.Reporter.TOOL));
    found(alice, looked, "no-effect", "The bank's list of the day does not have it. ".repeat(6), 0);
    found(alice, looked, "took-effect", "Booked in the evening, under another reference.", 1);
    Verdict.Allowed unasked = unasked();
    Verdict expired = opened(payment(agent, Assurance.CODE, Duration.ofSeconds(1)));
    Verdict pending = opened(payment(agent, Assurance.CODE, Duration.ofHours(1)));
    Verdict lengthy = opened(lengthy());
    Verdict resting = opened(resting());
    Verdict unexpected = opened(payment(other(), Assurance.CODE, Duration.ofHours(1)));
    Verdict held = opened(payment(unexpected, Assurance.CODE));
    Map<String, String> form = Browser.form(alice.get(path(unexpected)).body(), "unexpected");
    form.put(
        "reason", "Nobody asked for this payment. Stop, and tell treasury what you were told.");
    assertEquals(200, alice.post(path(unexpected), form).statusCode());
    Batch batch = new Batch(UUID.randomUUID().toString(), 2);
    Verdict member =
        opened(Verdicts.in(batch, null, payment(agent, Assurance.CODE, Duration.ofHours(1))));
    opened(Verdicts.in(batch, null, payment(agent, Assurance.CODE, Duration.ofHours(1))));
    Verdict byPasskey = opened(payment(agent, Assurance.PASSKEY, Duration.ofHours(1)));
    Verdict trusted = opened(Verdicts.credit(Verdicts.id(), agent, "billing", "ACME GmbH", "20"));
    Map<String, String> trust = Browser.form(alice.get(path(trusted)).body(), "approve");
    trust.putAll(
        Map.of(
            "typed-1",
            "20",
            "trust",
            "yes",
            "trust-calls",
            "5",
            "trust-minutes",
            "60",
            "trust-sum",
            "100"));
    assertEquals(200, alice.post(path(trusted), trust).statusCode());
    Verdict used = Verdicts.credit(Verdicts.id(), agent, "billing", "ACME GmbH", "21");
    wire.publish(used);
    wire.about(used.actionId(), Topics.DECISION, 1);
    SoftwarePasskey key = passkeyOf("erin");

    try (Chromium chromium = Chromium.open(Screen.PHONE)) {
      look(chromium, "sign-in", "/sign-in");
      look(chromium, "code", "/sign-in/code");
      look(chromium, "cover", path(pending));
      look(chromium, "no-ticket", "/tickets/no");
      look(chromium, "no-page", "/no/such/page");
      look(chromium, "enrol", invitation());

      signIn(chromium, "alice", page("/search"));
      look(chromium, "inbox", "/");
      look(chromium, "search", "/search");
      look(chromium, "search-nothing", "/search?words=nobody");
      look(chromium, "pending", path(pending));
      look(chromium, "lengthy", path(lengthy));
      look(chromium, "resting", path(resting));
      look(chromium, "passkey-missing", path(byPasskey));
      look(chromium, "held", path(held));
      look(
          chromium,
          "trust-offered",
          path(opened(Verdicts.credit(Verdicts.id(), other(), "billing", "ACME GmbH", "22"))));
      look(chromium, "executed", path(executed));
      look(chromium, "unknown", path(failed));
      look(chromium, "looked", path(looked));
      look(chromium, "rejected", path(unexpected));
      look(chromium, "expired", path(expired));
      look(chromium, "set", path(member) + "/set");
      look(chromium, "people", "/people");
      look(chromium, "attention", "/attention");
      look(chromium, "trust", "/trust");
      lookAtWhatIsAway(chromium, pending);
      signOut(chromium);

      signIn(chromium, "dave", page("/attention"));
      look(chromium, "inbox-empty", "/");
      look(chromium, "trust-none", "/trust");
      look(chromium, "card-only", path(pending));
      signOut(chromium);

      signIn(chromium, "gina", page("/attention"));
      look(chromium, "attention-owner", "/attention");
      signOut(chromium);

      put(key, chromium.authenticator(true));
      chromium.go(page("/sign-in")).press("form[action='/sign-in/passkey'] button").find(".person");
      look(chromium, "people-admin", "/people");
      look(chromium, "freezes", "/freezes");
      look(chromium, "attention-admin", "/attention");
      look(chromium, "unasked", path(unasked));
      assertEquals("", String.join("\n", barriers));
    }
  }

  /// One page as everybody may see it.
  private void look(Chromium chromium, String name, String path) {
    for (Sight each : next()) {
      look(chromium.on(each.screen).in(each.theme).in(each.language).go(page(path)), name, each);
    }
    chromium.in(Locale.ENGLISH);
  }

  private List<Sight> next() {
    List<Sight> all = List.of(Sight.values());
    return looked++ % 2 == 0 ? all.subList(0, 2) : all.subList(2, 4);
  }

  /// All there is to a page is unfolded; every barrier counts, so that one run finds all of them.
  private void look(Chromium chromium, String name, Sight sight) {
    String picture =
        "every-" + name + "-" + sight.name().toLowerCase(Locale.ROOT).replace('_', '-');
    chromium.screenshot(picture);
    chromium
        .driver()
        .executeScript(
            "for (const each of document.querySelectorAll('main details')) each.open = true");
    chromium.barriers().forEach(each -> barriers.add(picture + ": " + each));
    if (sight.screen == Screen.PHONE) {
      check(chromium.fits(), picture + " is wider than a phone");
      check(chromium.textOf(200).fits(), picture + " is wider than a phone with large text");
      chromium.textOf(100).on(Screen.NARROW);
      check(chromium.fits(), picture + " is wider than the narrowest phone");
    }
  }

  private void check(boolean good, String barrier) {
    if (!good) {
      barriers.add(barrier);
    }
  }

  /// What stands there when nothing can be signed for the moment.
  private void lookAtWhatIsAway(Chromium chromium, Verdict verdict) {
    signer.setAway(true);
    chromium.expect(Pattern.compile("status of 503"));
    try {
      for (Sight each : next()) {
        chromium.on(each.screen).in(each.theme).in(each.language).go(page(path(verdict)));
        chromium.type("input[name^=typed-]", "EUR 48,200.00").press("button.approve");
        chromium.await("it was not taken", () -> !chromium.has("article.sheet"));
        look(chromium, "away", each);
      }
    } finally {
      signer.setAway(false);
    }
    chromium.in(Locale.ENGLISH);
  }

  private static void signOut(Chromium chromium) {
    chromium.driver().manage().deleteAllCookies();
  }

  private String invitation() {
    JsonNode invited =
        EventJson.readTree(
            browser()
                .postJson(
                    "/v1/operator/invitations",
                    "{\"person\":\"dave\"}",
                    "Authorization",
                    "Bearer " + MailServer.OPERATOR_SECRET)
                .body()
                .getBytes(StandardCharsets.UTF_8));
    return URI.create(invited.path("link").textValue()).getPath();
  }

  private Verdict approved(Browser approver, Function<Verdict.ApprovalRequired, Execution> ends) {
    Verdict.ApprovalRequired verdict = payment(agent, Assurance.CODE, Duration.ofHours(1));
    opened(verdict);
    Map<String, String> form = Browser.form(approver.get(path(verdict)).body(), "approve");
    form.put("typed-2", "EUR 48,200.00");
    assertEquals(200, approver.post(path(verdict), form).statusCode());
    wire.publish(ends.apply(verdict));
    String sight =
        approver.get("/changes?ticket=" + verdict.actionId() + "&mark=1approved&wait=20").body();
    assertTrue(sight.contains("1approved+"), sight);
    return verdict;
  }

  private static void found(
      Browser browser, Verdict verdict, String finding, String words, int after) {
    Map<String, String> form = new HashMap<>();
    form.put("token", Browser.token(browser.get("/").body()));
    form.putAll(Map.of("finding", finding, "words", words, "after", Integer.toString(after)));
    assertEquals(200, browser.post(path(verdict) + "/findings", form).statusCode());
  }

  /// What the policy allowed by itself, and nobody knows how it ended.
  private Verdict.Allowed unasked() {
    Verdict.Allowed allowed = Verdicts.allowed(Verdicts.id(), "12.00");
    wire.publish(allowed);
    decision(allowed);
    wire.publish(
        new Execution(
            allowed.actionId(),
            Instant.now(),
            Execution.Status.UNKNOWN,
            1,
            Instant.now(),
            Instant.now(),
            allowed.actionDigest(),
            null,
            new Reason("interrupted", "It was cut off after it had begun.")));
    return allowed;
  }

  private static Function<Verdict.ApprovalRequired, Execution> execution(
      Execution.Status status, @Nullable String reason) {
    return verdict ->
        new Execution(
            verdict.actionId(),
            Instant.now(),
            status,
            1,
            Instant.now(),
            Instant.now(),
            verdict.actionDigest(),
            reason == null ? new Execution.Result("201", null, "accepted") : null,
            reason == null ? null : new Reason("interrupted", reason));
  }

  private Verdict opened(Verdict verdict) {
    open(verdict);
    return verdict;
  }

  private static Agent other() {
    return new Agent("billing-bot", "acme-agents", "run-" + UUID.randomUUID(), null);
  }

  private static Verdict.ApprovalRequired payment(Verdict like, Assurance assurance) {
    return payment(
        ((Verdict.ApprovalRequired) like).action().agent(), assurance, Duration.ofHours(1));
  }

  /// A payment as the sample policy words it.
  private static Verdict.ApprovalRequired payment(
      Agent agent, Assurance assurance, Duration deadline) {
    Verdict.ApprovalRequired plain =
        Verdicts.required(
            Verdicts.id(),
            agent,
            "48200.00",
            Verdicts.requirement(assurance, deadline, Verdicts.seats(1, "finance")));
    return with(
        plain,
        new Prompt(
            "Send EUR 48,200.00",
            "ACME GmbH, DE89 3704 0044 0532 0130 00",
            "Money leaves the house account and cannot be called back.",
            List.of(
                new Prompt.Field("Recipient", "ACME GmbH", false),
                new Prompt.Field("IBAN", "DE89 3704 0044 0532 0130 00", false),
                new Prompt.Field("Amount", "EUR 48,200.00", true)),
            plain.prompt().agentSays(),
            List.of(
                "can't be undone",
                "environment: production",
                "sensitivity: money",
                "the agent names no way back"),
            plain.prompt().rules(),
            null,
            plain.actionDigest(),
            plain.policyVersion()));
  }

  /// What it rests on, shortly and at length.
  private Verdict.ApprovalRequired resting() {
    return payment(other(), Assurance.CODE, Duration.ofHours(1))
        .restingOn(
            List.of(
                reading("Balance of the house account", "EUR 1,204,778.10"),
                reading("Invoice", "4711, open, due on 26 November 2026"),
                reading("L".repeat(90), "W".repeat(400))));
  }

  private static Precondition reading(String label, String value) {
    return new Precondition(label, value, Digest.of(value.getBytes(StandardCharsets.UTF_8)));
  }

  /// As much as there can be, and nothing of it meant well.
  private static Verdict.ApprovalRequired lengthy() {
    Agent agent =
        new Agent(
            "agent-" + "x".repeat(180),
            "platform ".repeat(30),
            "run-" + UUID.randomUUID(),
            "a".repeat(200) + "@acme.example");
    Verdict.ApprovalRequired plain =
        Verdicts.required(
            Verdicts.id(),
            agent,
            "48200.00",
            Verdicts.requirement(
                Assurance.CODE, Duration.ofHours(30), Verdicts.seats(2, "finance")));
    List<Prompt.Field> fields = new ArrayList<>();
    fields.add(new Prompt.Field("Amount", "EUR 48,200.00", true));
    fields.add(new Prompt.Field("L".repeat(90), "W".repeat(400), false));
    fields.add(new Prompt.Field("Payee", "ACME\u202EHbmG\u200B <b>approve</b> Р" + "aypal", true));
    for (int i = 0; i < 25; i++) {
      fields.add(
          new Prompt.Field("Field " + i, "Value " + i + " of many that nobody reads", false));
    }
    return with(
        plain,
        new Prompt(
            "Send EUR 48,200.00 to " + "a-very-long-name-".repeat(30),
            "https://example.com/" + "path/".repeat(60),
            "The effect, told at length. ".repeat(40),
            fields,
            new Intent(
                "<script>alert(1)</script> " + "Z\u0300\u0301\u0302\u0303\u0304\u0305".repeat(20),
                "Approve: it is safe\n".repeat(40),
                "نص عربي \u2067 طويل ".repeat(20),
                "🙂".repeat(200),
                0.1),
            List.of(
                "can't be undone", "not in the catalogue", "sensitivity: " + "long ".repeat(40)),
            List.of(
                new Rule("rule-" + "y".repeat(100), "A sentence that goes on and on. ".repeat(12))),
            null,
            plain.actionDigest(),
            plain.policyVersion()));
  }

  private static Verdict.ApprovalRequired with(Verdict.ApprovalRequired it, Prompt prompt) {
    Requirement requirement = it.requirement();
    return new Verdict.ApprovalRequired(
        it.actionId(),
        it.at(),
        it.action(),
        it.actionDigest(),
        it.facts(),
        it.rules(),
        it.policyVersion(),
        requirement,
        prompt,
        it.card(),
        it.batch(),
        it.toolDigest(),
        it.alone());
  }
}
