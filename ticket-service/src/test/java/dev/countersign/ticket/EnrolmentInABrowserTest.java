package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import dev.countersign.testbrowser.Theme;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Enrolment as people live through it: two admins and a newcomer, each with a browser.
@QuarkusTest
class EnrolmentInABrowserTest extends TicketServiceTest {

  private static final String OPERATOR = "Bearer " + MailServer.OPERATOR_SECRET;

  @BeforeEach
  void nobodyHasAPasskey() {
    sql("delete from passkey where approver in ('erin', 'frank', 'dave')");
  }

  @Test
  void twoAdminsAndANewcomerGetThemselvesPasskeys() {
    try (Chromium erin = Chromium.open(Screen.DESK);
        Chromium frank = Chromium.open(Screen.PHONE);
        Chromium dave = Chromium.open(Screen.PHONE)) {
      for (Chromium each : List.of(erin, frank, dave)) {
        each.authenticator(true);
      }
      // The first two by the operator, the third by the two.
      enrolByTheOperator(erin, "erin");
      enrolByTheOperator(frank, "frank");
      signInByPasskey(erin);
      signInByPasskey(frank);

      erin.go(page("/people"));
      look(erin, "people");
      erin.press("form:has(input[value=dave]) button");
      erin.awaitText("Dave Moreau is invited").screenshot("people-invited");
      assertEquals(List.of(), erin.barriers());
      String code = erin.find(".fingerprint").getText();
      URI link = URI.create(erin.find("p.small").getText());

      dave.go(link);
      look(dave, "enrol");
      dave.type("#code", "AAAA AAAA").press("button.main").awaitText("4 tries are left");
      dave.find("#code").clear();
      dave.type("#code", code.replace("-", " ").toLowerCase(Locale.ROOT));
      String fingerprint = make(dave, "Work phone");
      look(dave, "enrol-waits");

      erin.go(page("/people")).awaitText("Another admin must confirm this");
      frank.go(page("/people")).awaitText(fingerprint);
      look(frank, "people-confirm");
      frank
          .press("form[action$='/confirm'] button")
          .await("confirmed", () -> !frank.text().contains(fingerprint));

      signInByPasskey(dave);
      dave.go(page("/people")).awaitText("Work phone");
      look(dave, "people-own");
      dave.press(".passkeys summary")
          .type("input[name=reason]", "Lost")
          .screenshot("people-revoke");
      dave.press("form[action$='/revoke'] button");
      dave.await("the session is over", () -> dave.has("#address"));
    }
  }

  @Test
  void whoHasOnlyTouchedTheirDeviceMakesNoPasskeyAndIsToldSo() {
    JsonNode invited = invite("dave");
    try (Chromium dave = Chromium.open(Screen.PHONE)) {
      dave.authenticator(false);
      dave.go(URI.create(invited.path("link").textValue()));
      dave.type("#code", invited.path("code").textValue()).press("button.main");
      dave.awaitText("gave no answer");
    }
    assertEquals(0, waiting("dave").size());
  }

  private void enrolByTheOperator(Chromium chromium, String person) {
    JsonNode invited = invite(person);
    chromium.go(URI.create(invited.path("link").textValue()));
    chromium.type("#code", invited.path("code").textValue());
    String fingerprint = make(chromium, "Laptop");
    JsonNode waiting = waiting(person).path(0);
    assertEquals(waiting.path("fingerprint").textValue(), fingerprint);
    HttpResponse<String> confirmed =
        browser()
            .postJson(
                "/v1/operator/passkeys/" + waiting.path("invitation").textValue() + "/confirm",
                "{\"credentialId\":\"" + waiting.path("credentialId").textValue() + "\"}",
                "Authorization",
                OPERATOR);
    assertEquals(204, confirmed.statusCode(), confirmed.body());
  }

  private static String make(Chromium chromium, String label) {
    chromium.type("#label", label).press("button.main");
    return chromium.find(".fingerprint").getText();
  }

  private void signInByPasskey(Chromium chromium) {
    chromium.go(page("/sign-in")).press("form[action='/sign-in/passkey'] button");
    chromium.find("form[action='/sign-out']");
    assertTrue(chromium.driver().getCurrentUrl().endsWith("/"), chromium.driver().getCurrentUrl());
  }

  /// A picture in both themes and languages, and what axe says.
  private static void look(Chromium chromium, String name) {
    for (Theme theme : Theme.values()) {
      chromium.in(theme);
      String picture = String.join("-", name, chromium.screen().name(), theme.name());
      chromium.screenshot(picture.toLowerCase(Locale.ROOT));
      assertEquals(List.of(), chromium.barriers(), picture);
    }
  }

  private JsonNode invite(String person) {
    return json(
        browser()
            .postJson(
                "/v1/operator/invitations",
                "{\"person\":\"" + person + "\"}",
                "Authorization",
                OPERATOR));
  }

  private JsonNode waiting(String person) {
    return json(browser().get("/v1/operator/passkeys?person=" + person, "Authorization", OPERATOR))
        .path("waiting");
  }
}
