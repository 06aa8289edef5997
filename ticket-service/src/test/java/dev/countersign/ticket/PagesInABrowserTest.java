package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import dev.countersign.testbrowser.Theme;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The approver's pages as people use them: in a real browser, on a phone and at a desk, in every
/// language and theme.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = MailServer.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class PagesInABrowserTest {

  private static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.GERMAN);

  @TestHTTPResource("/")
  URI address;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  MailServer.Mails mails;
  private Wire wire;

  @BeforeEach
  void connect() {
    wire = new Wire(bootstrapServers);
  }

  @AfterEach
  void disconnect() {
    wire.close();
  }

  @Test
  void anApproverDecidesOnAPhoneWithThreeSecondsOfDelay() {
    ActionId id = open();
    try (Chromium phone = Chromium.open(Screen.PHONE)) {
      signIn(phone, "alice@acme.example", id);
      assertTrue(phone.weight() < 60_000, "the decide page weighs " + phone.weight() + " bytes");
      phone.delayedBy(Duration.ofSeconds(3));
      phone.type("input[name^=typed-]", "EUR 48200.00").press("button[value=approve]");
      phone.awaitText("Approved by Alice Berger").screenshot("decided-phone");
    }
  }

  @Test
  void axeFindsNothingOnAnyPage() {
    ActionId id = open();
    for (Screen screen : Screen.values()) {
      try (Chromium chromium = Chromium.open(screen)) {
        for (String path : List.of("/sign-in", "/sign-in/code", "/tickets/" + id, "/tickets/no")) {
          look(chromium, path, "signed-out-" + path.replace('/', '-').replace(id.toString(), "id"));
        }
        signIn(chromium, "alice@acme.example", id);
        look(chromium, "/tickets/" + id, "decide");
        look(chromium, "/", "inbox");
      }
    }
  }

  /// One page in every language and theme, with a picture of each.
  private void look(Chromium chromium, String path, String name) {
    for (Locale language : LANGUAGES) {
      chromium.in(language).go(page(path));
      for (Theme theme : Theme.values()) {
        chromium.in(theme);
        String picture = String.join("-", name, chromium.screen().name(), theme.name());
        chromium.screenshot(picture.toLowerCase(Locale.ROOT) + "-" + language);
        assertEquals(List.of(), chromium.barriers(), picture + " " + language);
      }
    }
    chromium.in(Locale.ENGLISH);
  }

  /// A page by the name that its links have, and a passkey's relying party.
  private URI page(String path) {
    return URI.create("http://localhost:" + address.getPort() + path);
  }

  private ActionId open() {
    Verdict.ApprovalRequired verdict = Verdicts.required(Verdicts.id(), 1);
    wire.publish(verdict);
    wire.about(verdict.actionId(), Topics.TICKET_OPENED, 1);
    return verdict.actionId();
  }

  /// Opens the ticket, asks for a code, and types it.
  private void signIn(Chromium chromium, String address, ActionId id) {
    mails.clear();
    chromium.go(page("/tickets/" + id));
    chromium.type("#address", address).press("form[action='/sign-in'] button");
    chromium.type("#code", mails.code(address)).press("form[action='/sign-in/code'] button");
    chromium.find("section.answer");
  }
}
