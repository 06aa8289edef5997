package dev.countersign.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.Browser.Page;
import dev.countersign.launcher.SoftwarePasskey;
import java.net.URI;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.nodes.Element;

/// How an approver comes by a passkey that counts: the operator invites them, they make it on the
/// page that the link leads to, with the code that they were told, and the operator confirms the
/// fingerprint that they read out.
public final class Enrolment {

  private final FrontDoor operator;
  private final URI ticketService;

  public Enrolment(FrontDoor operator, URI ticketService) {
    this.operator = operator;
    this.ticketService = ticketService;
  }

  /// What the operator's invitation printed.
  record Invitation(URI link, String code) {}

  Invitation invite(String address) {
    String said = operator.runWell("invite", address);
    return new Invitation(URI.create(find("link", said)), find("code", said));
  }

  /// A passkey, made in the browser that opened the link, and the fingerprint that it shows.
  record Made(SoftwarePasskey passkey, String fingerprint) {}

  Made make(Invitation invitation) {
    Browser browser = new Browser();
    SoftwarePasskey passkey = SoftwarePasskey.create(origin(ticketService));
    Element form = browser.open(invitation.link).form("input[name=code]");
    Map<String, String> typed = Map.of("code", invitation.code, "label", "Demo");
    JsonNode asked = browser.ask(form, "data-passkey", typed);
    Page shown =
        browser.submit(
            form,
            Map.of(
                "label",
                "Demo",
                "ceremony",
                asked.path("ceremony").asText(),
                "assertion",
                passkey.register(asked.path("publicKey")).toString()));
    Element fingerprint = shown.document().selectFirst(".fingerprint");
    if (fingerprint == null) {
      throw new IllegalStateException("no passkey was made: " + shown.document().text());
    }
    return new Made(passkey, fingerprint.text());
  }

  /// What the operator saw when they confirmed.
  String confirm(String address) {
    return operator.runWell("confirm", address);
  }

  /// From the invitation to a passkey that counts.
  public SoftwarePasskey enrol(String address) {
    Made made = make(invite(address));
    String said = confirm(address);
    if (!said.contains(made.fingerprint)) {
      throw new IllegalStateException("another passkey was confirmed: " + said);
    }
    return made.passkey;
  }

  private static String find(String name, String said) {
    Matcher line = Pattern.compile("^ *" + name + " +(\\S+)", Pattern.MULTILINE).matcher(said);
    if (!line.find()) {
      throw new IllegalStateException("no " + name + " in: " + said);
    }
    return line.group(1);
  }

  private static URI origin(URI page) {
    return URI.create(page.getScheme() + "://" + page.getAuthority());
  }
}
