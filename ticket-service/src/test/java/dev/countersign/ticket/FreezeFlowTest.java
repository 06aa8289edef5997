package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Oversight;
import dev.countersign.events.Topics;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The kill switch's page. What it does to executions is the executor's business, and tested there.
@QuarkusTest
class FreezeFlowTest extends TicketServiceTest {

  private final String agent = "bot-" + UUID.randomUUID();

  private static Map<String, String> form(Browser browser) {
    return new HashMap<>(Map.of("token", Browser.token(browser.get("/freezes").body())));
  }

  @Test
  void anAdminFreezesAtOnceAndEverybodySeesIt() {
    Browser erin = signedIn("erin");
    Map<String, String> form = form(erin);
    form.putAll(Map.of("what", "agent", "name", agent, "reason", "It pays <twice>."));

    assertEquals(200, erin.post("/freezes", form).statusCode(), "and goes back to the page");

    String page = signedIn("dave").get("/freezes").body();
    assertTrue(page.contains("Agent " + agent), page);
    assertTrue(page.contains("It pays &lt;twice&gt;."), page);
    assertFalse(page.contains("name=\"reason\""), "only admins have the form");
    Matcher lift = Pattern.compile("\\./countersign lift (\\S+)</code>").matcher(page);
    assertTrue(lift.find(), page);
    ActionId freeze = ActionId.of(lift.group(1));
    Oversight event = wire.events(Oversight.class, freeze, Topics.OVERSIGHT, 1).getFirst();
    assertEquals(Oversight.Change.FROZEN, event.change());
    assertEquals(new Oversight.Frozen(agent, null), event.frozen());
    assertEquals("erin", event.by());
    assertNotNull(event.reason());
    assertEquals("It pays <twice>.", event.reason().text());
  }

  @Test
  void whoeverIsNoAdminFreezesNothing() {
    Browser dave = signedIn("dave");
    Map<String, String> form = form(dave);
    form.putAll(Map.of("what", "agent", "name", agent, "reason", "why not"));

    assertEquals(403, dave.post("/freezes", form).statusCode());

    form.put("token", "another's");
    assertEquals(403, signedIn("erin").post("/freezes", form).statusCode());
    assertFalse(dave.get("/freezes").body().contains(agent));
    String signIn = browser().get("/freezes").body();
    assertTrue(signIn.contains("name=\"address\""), "nobody: sign in");
    assertTrue(signIn.contains("value=\"/freezes\""), "and be back here: " + signIn);
  }

  @Test
  void whatIsIncompleteFreezesNothingAndKeepsWhatWasTyped() {
    Browser erin = signedIn("erin");
    for (Map<String, String> bad :
        List.of(
            Map.of("what", "agent", "name", " ", "reason", "It " + agent),
            Map.of("what", "toolset", "name", agent, "reason", ""),
            Map.of("what", "everything", "name", agent, "reason", "why"),
            Map.of("what", "agent", "name", agent, "reason", "x".repeat(201)))) {
      Map<String, String> form = form(erin);
      form.putAll(bad);
      HttpResponse<String> answer = erin.post("/freezes", form);
      assertEquals(400, answer.statusCode(), answer.body());
      assertTrue(answer.body().contains("role=\"alert\""), answer.body());
      assertTrue(answer.body().contains(agent), "what was typed is still there");
    }
    assertFalse(signedIn("dave").get("/freezes").body().contains(agent));
  }
}
