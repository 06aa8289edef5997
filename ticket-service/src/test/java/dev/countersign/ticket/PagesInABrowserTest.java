package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Crawler;
import dev.countersign.testbrowser.Screen;
import dev.countersign.testbrowser.Theme;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The approver's pages as people use them: in a real browser, on a phone and at a desk, in every
/// language and theme.
@QuarkusTest
class PagesInABrowserTest extends TicketServiceTest {

  private static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.GERMAN);

  @Test
  void anApproverDecidesOnAPhoneWithThreeSecondsOfDelay() {
    ActionId id = open();
    try (Chromium phone = Chromium.open(Screen.PHONE)) {
      signIn(phone, "alice", page(path(id)));
      assertTrue(phone.weight() < 60_000, "the decide page weighs " + phone.weight() + " bytes");
      phone.delayedBy(Duration.ofSeconds(3));
      phone.type("input[name^=typed-]", "EUR 48200.00").press("button[value=approve]");
      phone.awaitText("Approved by Alice Berger").screenshot("decided-phone");
    }
  }

  @Test
  void twoWhoAnswerAtOnceSeeTheSameTruth() {
    ActionId id = open();
    try (Chromium alice = Chromium.open(Screen.PHONE);
        Chromium bob = Chromium.open(Screen.DESK)) {
      signIn(alice, "alice", page(path(id)));
      signIn(bob, "bob", page(path(id)));
      bob.type("#reason", "Not this one.");
      alice.type("input[name^=typed-]", "EUR 48200.00").press("button[value=approve]");
      // Bob's page learns it by itself; what he pressed before that would be told the same.
      for (Chromium each : List.of(alice, bob)) {
        each.awaitText("Approved by Alice Berger");
        assertFalse(each.has("button[value=approve]:enabled"), "nothing is left to press");
      }
      bob.screenshot("learned-by-itself-desk");
    }
  }

  @Test
  void axeFindsNothingOnAnyPage() {
    ActionId id = open();
    for (Screen screen : List.of(Screen.PHONE, Screen.DESK)) {
      try (Chromium chromium = Chromium.open(screen)) {
        for (String path : List.of("/sign-in", "/sign-in/code", path(id), "/tickets/no")) {
          look(chromium, page(path), "signed-out" + path.replace(id.toString(), "id"));
        }
        signIn(chromium, "alice", page(path(id)));
        Map<String, URI> pages = new Crawler(chromium, Map.of(), Set.of()).pages(page(path(id)));
        assertTrue(pages.keySet().containsAll(List.of("/", "/tickets/id")), pages.toString());
        pages.forEach((kind, page) -> look(chromium, page, "signed-in" + kind));
      }
    }
  }

  /// One page in every language and theme, with a picture of each.
  private static void look(Chromium chromium, URI page, String kind) {
    for (Locale language : LANGUAGES) {
      chromium.in(language).go(page);
      String title = chromium.driver().getTitle();
      assertTrue(title != null && title.contains("Countersign"), page + " is no page: " + title);
      for (Theme theme : Theme.values()) {
        chromium.in(theme);
        String picture =
            String.join(
                    "-",
                    kind.replaceAll("/+", "-").replaceAll("-$", ""),
                    chromium.screen().name(),
                    theme.name(),
                    language.getLanguage())
                .toLowerCase(Locale.ROOT);
        chromium.screenshot(picture);
        assertEquals(List.of(), chromium.barriers(), picture);
        assertTrue(
            Boolean.TRUE.equals(
                chromium
                    .driver()
                    .executeScript("return document.documentElement.scrollWidth <= innerWidth")),
            picture + " is wider than its screen");
      }
    }
    chromium.in(Locale.ENGLISH);
  }

  private ActionId open() {
    return open(Verdicts.required(Verdicts.id(), 1)).actionId();
  }
}
