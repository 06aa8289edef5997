package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The approver's pages as people use them: in a real browser, on a phone and at a desk. How they
/// look is for {@link EveryPageTest}.
@QuarkusTest
class PagesInABrowserTest extends TicketServiceTest {

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

  private ActionId open() {
    return open(Verdicts.required(Verdicts.id(), 1)).actionId();
  }
}
