package dev.countersign.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.Browser.Page;
import dev.countersign.events.ActionId;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.nodes.Element;

/// A person with a mailbox and a browser of their own.
public final class Approver {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String TYPE = "To approve, type:";
  private static final Pattern CODE = Pattern.compile("(?<!\\d)(\\d{4})[ \\-]?(\\d{4})(?!\\d)");

  private final String address;
  private final Mailbox mailbox;
  private final URI ticketService;
  private final Browser browser = new Browser();
  private boolean signedIn;

  public Approver(String address, Mailbox mailbox, URI ticketService) {
    this.address = address;
    this.mailbox = mailbox;
    this.ticketService = ticketService;
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
    JsonNode mail = before.await("a code to " + address, PATIENCE, this::isCode);
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

  private boolean isCode(JsonNode mail) {
    return Mailbox.isTo(mail, address)
        && !mail.path("headers").toString().contains("X-Countersign-Action")
        && CODE.matcher(mail.path("text").asText()).find();
  }

  /// What the ticket's page shows.
  public Page look(URI link) {
    signIn();
    return browser.open(link);
  }

  /// Presses Approve, having typed what the page asks to be typed.
  public Page approve(URI link) {
    Filled filled = fill(link, "approve", "");
    return browser.submit(filled.form, filled.typed);
  }

  /// Presses Reject and gives the reason.
  public Page reject(URI link, String reason) {
    Filled filled = fill(link, "reject", reason);
    return browser.submit(filled.form, filled.typed);
  }

  /// Reads the page and types what it asks for; Approve is pressed by whoever runs what comes back,
  /// who learns what status the server answered.
  public IntSupplier readyToApprove(URI link) {
    Filled filled = fill(link, "approve", "");
    return () -> browser.submitAndStay(filled.form, filled.typed).status();
  }

  private record Filled(Element form, Map<String, String> typed) {}

  private Filled fill(URI link, String answer, String reason) {
    Page page = look(link);
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
