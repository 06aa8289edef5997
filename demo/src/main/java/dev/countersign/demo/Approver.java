package dev.countersign.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.Browser.Page;
import dev.countersign.events.ActionId;
import dev.countersign.launcher.SoftwarePasskey;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/// A person with a mailbox and a browser of their own, and perhaps a passkey in their pocket.
public final class Approver {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
  private static final String TYPE = "To approve, type:";
  private static final Pattern CODE = Pattern.compile("(?<!\\d)(\\d{4})[ \\-]?(\\d{4})(?!\\d)");

  private final String address;
  private final Mailbox mailbox;
  private final URI ticketService;
  private final Browser browser = new Browser();
  private final @Nullable SoftwarePasskey passkey;
  private boolean signedIn;

  /// @param passkey null: their word is worth what a mailed code is
  public Approver(
      String address, Mailbox mailbox, URI ticketService, @Nullable SoftwarePasskey passkey) {
    this.address = address;
    this.mailbox = mailbox;
    this.ticketService = ticketService;
    this.passkey = passkey;
  }

  /// Waits for the mail about an action and takes the link out of it.
  public URI linkFor(ActionId id) {
    return linkFor(id, PATIENCE);
  }

  public URI linkFor(ActionId id, Duration patience) {
    JsonNode mail =
        mailbox.await(
            "about " + id + " to " + address,
            patience,
            each ->
                Mailbox.isTo(each, address)
                    && each.path("headers").toString().contains(id.toString()));
    Matcher link =
        Pattern.compile("https?://\\S*/tickets/" + id).matcher(mail.path("text").asText());
    if (!link.find()) {
      throw new IllegalStateException("no link in the mail: " + mail.path("text").asText());
    }
    return URI.create(link.group());
  }

  /// Signs in with a one-time code: asks for it in this browser, reads it in the mailbox, types it.
  public void signIn() {
    if (signedIn) {
      return;
    }
    Mailbox before = mailbox.emptied();
    Page ask = browser.open(ticketService.resolve("/sign-in"));
    Page type = browser.submit(ask.form("input[name=address]"), Map.of("address", address));
    JsonNode mail = before.await("a code to " + address, PATIENCE, each -> isCode(each, address));
    Matcher code = CODE.matcher(mail.path("text").asText());
    if (!code.find()) {
      throw new IllegalStateException("no code in the mail");
    }
    Page done =
        browser.submit(
            type.form("input[name=code]"), Map.of("code", code.group(1) + code.group(2)));
    if (done.findForm("input[name=code]") != null) {
      throw new IllegalStateException("the code was not taken: " + done.document().text());
    }
    signedIn = true;
  }

  /// Whether this mail brings a one-time code to this address, and is not about an action.
  public static boolean isCode(JsonNode mail, String address) {
    return Mailbox.isTo(mail, address)
        && !mail.path("headers").toString().contains("X-Countersign-Action")
        && CODE.matcher(mail.path("text").asText()).find();
  }

  /// What the ticket's page shows.
  public Page look(URI link) {
    signIn();
    return browser.open(link);
  }

  /// How the ticket stands, as the service tells those whom it concerns.
  public String stateOf(ActionId id) {
    signIn();
    return browser.json(ticketService.resolve("/v1/tickets/" + id)).path("state").asText();
  }

  /// Presses Approve, having typed what the page asks to be typed.
  public Page approve(URI link) {
    return submit(fill(link, "approve", ""));
  }

  /// Presses Reject and gives the reason.
  public Page reject(URI link, String reason) {
    return submit(fill(link, "reject", reason));
  }

  /// Says what they found of how an action ended: `took-effect` or `no-effect`.
  public Page reconcile(ActionId id, String finding, String saw) {
    Page page = look(ticketService.resolve("/tickets/" + id));
    return browser.submit(
        page.form("input[name=finding]"), Map.of("finding", finding, "words", saw));
  }

  /// Says that a passkey of theirs counts no more.
  public void revokePasskey() {
    Page people = look(ticketService.resolve("/people"));
    browser.submit(people.form("input[id^=why-mine-]"), Map.of("reason", "The test is over."));
  }

  /// With a signature where the page asks for one and there is something to sign with.
  private Page submit(Filled filled) {
    Map<String, String> typed = new HashMap<>(filled.typed);
    if (passkey != null && filled.form.hasAttr("data-passkey")) {
      JsonNode asked = browser.ask(filled.form, "data-passkey", filled.typed);
      typed.put("ceremony", asked.path("ceremony").asText());
      typed.put("assertion", passkey.sign(asked.path("publicKey")).toString());
    }
    return browser.submit(filled.form, typed);
  }

  /// Reads the page and types what it asks for; Approve is pressed by whoever runs what comes back,
  /// who learns what status the server answered.
  public IntSupplier readyToApprove(URI link) {
    Filled filled = fill(link, "approve", "");
    return browser.readyToSubmit(filled.form, filled.typed);
  }

  /// Who went fast lately is asked for a pause; the page says until when, and is looked at again.
  private Page whenItOpens(URI link) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    CountDownLatch never = new CountDownLatch(1);
    Page page = look(link);
    while (!page.document().select("[data-opens]").isEmpty()) {
      if (System.nanoTime() > until) {
        throw new Timeout(address + " is kept waiting longer than " + PATIENCE);
      }
      try {
        boolean _ = never.await(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      page = look(link);
    }
    return page;
  }

  private record Filled(Element form, Map<String, String> typed) {}

  private Filled fill(URI link, String answer, String reason) {
    Page page = whenItOpens(link);
    Element form = page.form("button[name=answer][value=" + answer + "]");
    Map<String, String> typed = new HashMap<>();
    typed.put("answer", answer);
    if (!reason.isEmpty()) {
      typed.put("reason", reason);
    }
    if (answer.equals("approve")) {
      typed.putAll(whatMustBeTyped(page, form));
    }
    return new Filled(form, typed);
  }

  /// Types what stands beside each label that the form asks for, as a person reads it above.
  private static Map<String, String> whatMustBeTyped(Page page, Element form) {
    Map<String, String> typed = new HashMap<>();
    for (Element label : form.select("label")) {
      String text = label.text();
      if (!text.startsWith(TYPE)) {
        continue;
      }
      String wanted = text.substring(TYPE.length()).strip();
      Element shown =
          page.document().select("dt").stream()
              .filter(each -> each.text().equals(wanted))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException(wanted + " is not on the page"));
      Element value = shown.nextElementSibling();
      Element input = form.getElementById(label.attr("for"));
      if (value == null || input == null) {
        throw new IllegalStateException("nothing to type for " + wanted);
      }
      typed.put(input.attr("name"), value.text());
    }
    return typed;
  }
}
