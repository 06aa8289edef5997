package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Approver;
import dev.countersign.demo.FrontDoor;
import dev.countersign.demo.Mailbox;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.flow.WholeSystem.Running;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The walk in README of people who never were here before, in real browsers, through the whole
/// system: invited, enrolled, confirmed, asked, and what they approved is done.
@ExtendWith(WholeSystem.class)
class NewApproverTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @Test
  void newApproversAreInvitedMakeAPasskeyAreConfirmedAndApprove(Running running) {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka());
        Chromium phone = Chromium.open(Screen.PHONE);
        Chromium desk = Chromium.open(Screen.DESK)) {
      enrol(phone, running.operator(), "carol@acme.example");
      enrol(desk, running.operator(), "alice@acme.example");

      ActionId id = new ActionId(UUID.randomUUID());
      platform.propose(
          id,
          AgentPlatform.proposal(
              id,
              "payments",
              "wire_transfer",
              EventJson.readTree(
                  """
                  {"recipient": {"name": "ACME GmbH", "iban": "DE89370400440532013000"},
                   "amount": "48200.00", "currency": "EUR"}
                  """
                      .getBytes(StandardCharsets.UTF_8))));
      Mailbox mailbox = new Mailbox(running.addresses().mail());
      approve(phone, mailbox, id, "carol@acme.example");
      approve(desk, mailbox, id, "alice@acme.example");

      JsonNode decision = platform.await(Topics.DECISION, id, PATIENCE);
      assertEquals("approved", decision.path("outcome").asText());
      JsonNode execution = platform.await(Topics.EXECUTION, id, PATIENCE);
      assertEquals("succeeded", execution.path("status").asText());
    }
  }

  private static void enrol(Chromium device, FrontDoor operator, String address) {
    String invited = operator.runWell("invite", address);
    var _ = device.authenticator(true);
    device.go(URI.create(find("(?m)^ *link +(\\S+)", invited)));
    device
        .type("#code", find("(?m)^ *code +(\\S+)", invited))
        .type("#label", "Test")
        .press("button.main");
    String fingerprint = device.find(".fingerprint").getText();
    device.screenshot("enrolled-" + device.screen());
    String confirmed = operator.runWell("confirm", address);
    assertTrue(confirmed.contains(fingerprint), confirmed + " does not show " + fingerprint);
  }

  private static void approve(Chromium device, Mailbox mailbox, ActionId id, String address) {
    JsonNode mail =
        mailbox.await(
            "about " + id + " to " + address,
            PATIENCE,
            each ->
                Mailbox.isTo(each, address)
                    && each.path("headers").toString().contains(id.toString()));
    Mailbox afterwards = mailbox.emptied();
    device.go(URI.create(find("(https?://\\S*/tickets/" + id + ")", mail.path("text").asText())));
    device.type("#address", address).press("form[action='/sign-in'] button");
    JsonNode code =
        afterwards.await("a code to " + address, PATIENCE, each -> Approver.isCode(each, address));
    device.type("#code", find("\\b(\\d{4}[ -]?\\d{4})\\b", code.path("text").asText()));
    device.press("form[action='/sign-in/code'] button");
    // Whoever went fast lately, in another test, is asked for a pause.
    device.await(
        "the approval is open",
        () -> {
          device.driver().navigate().refresh();
          return device.has("section.answer") && !device.has("[data-opens]");
        });
    device.type("input[name^=typed-]", "48200.00").screenshot("approve-" + device.screen());
    device.press("button[name=answer][value=approve]");
    device.await("the approval is there", () -> !device.has("input[name^=typed-]"));
  }

  private static String find(String pattern, String text) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertTrue(found.find(), "no " + pattern + " in " + text);
    return found.group(1);
  }
}
