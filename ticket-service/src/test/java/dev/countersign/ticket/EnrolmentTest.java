package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Oversight;
import dev.countersign.events.Topics;
import dev.countersign.launcher.SoftwarePasskey;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// From the invitation to the passkey that counts, and to its end.
@QuarkusTest
class EnrolmentTest extends TicketServiceTest {

  @BeforeEach
  void nobodyHasAPasskey() {
    sql("delete from passkey where approver in ('erin', 'frank', 'dave')");
    mails.clear();
  }

  @Test
  void theVeryFirstIsInvitedAndConfirmedByTheOperator() {
    JsonNode invited = invite("erin@acme.example");
    String code = invited.path("code").textValue();
    String mail = mails.text("erin@acme.example");
    assertTrue(mail.contains(invited.path("link").textValue()), mail);
    assertFalse(mail.contains(code), "the code goes another way than the link");

    SoftwarePasskey passkey = SoftwarePasskey.create(origin);
    String done = enrol(invited, passkey);
    JsonNode waiting = waiting("erin").path(0);
    String fingerprint = waiting.path("fingerprint").textValue();
    assertTrue(fingerprint.matches("[0-9A-F]{4}( [0-9A-F]{4}){3}"), fingerprint);
    assertTrue(done.contains(fingerprint), done);
    assertEquals("Work phone", waiting.path("label").textValue());

    assertEquals(401, signIn(browser(), passkey).statusCode(), "it does not count yet");
    assertEquals(204, confirm(waiting).statusCode());
    Browser erin = browser();
    assertEquals(200, signIn(erin, passkey).statusCode());
    assertTrue(erin.get("/people").body().contains("Work phone"));

    List<Oversight> events = events(invited, 3);
    assertEquals(
        List.of(
            Oversight.Change.INVITED,
            Oversight.Change.PASSKEY_ADDED,
            Oversight.Change.PASSKEY_CONFIRMED),
        events.stream().map(Oversight::change).toList());
    assertEquals(
        List.of("operator", "erin", "operator"), events.stream().map(Oversight::by).toList());
    for (Oversight each : events.subList(1, 3)) {
      assertEquals(passkey.id(), each.passkey() == null ? "" : each.passkey().credentialId());
      assertEquals("erin", each.approver());
    }
  }

  @Test
  void aSingleAdminIsRefusedAndASecondOneIsNot() {
    Browser erin = admin("erin");
    Map<String, String> form = ownForm(erin);
    form.put("person", "dave");
    String shown = erin.post("/people/invite", form).body();
    String code = shown.replaceFirst("(?s).*fingerprint num\">([^<]+)<.*", "$1");
    String link = shown.replaceFirst("(?s).*(/enrol/[0-9a-f-]{36}).*", "$1");
    SoftwarePasskey passkey = SoftwarePasskey.create(origin);
    String done = enrol(link, code, passkey);

    JsonNode waiting = waiting("dave").path(0);
    assertTrue(done.contains(waiting.path("fingerprint").textValue()));
    String confirm = "/people/" + waiting.path("invitation").textValue() + "/confirm";
    Map<String, String> alone = ownForm(erin);
    alone.put("credential", waiting.path("credentialId").textValue());
    HttpResponse<String> refused = erin.post(confirm, alone);
    assertEquals(403, refused.statusCode());
    assertTrue(refused.body().contains("another admin must confirm"), refused.body());
    assertEquals(401, signIn(browser(), passkey).statusCode());

    Browser frank = admin("frank");
    String people = frank.get("/people").body();
    assertTrue(people.contains(waiting.path("fingerprint").textValue()), people);
    Map<String, String> second = ownForm(frank);
    second.put("credential", waiting.path("credentialId").textValue());
    assertEquals(200, frank.post(confirm, second).statusCode());
    assertEquals(200, signIn(browser(), passkey).statusCode());
  }

  @Test
  void theOperatorAloneIsRefusedOnceTwoAdminsHoldAPasskey() {
    var _ = passkeyOf("erin");
    var _ = passkeyOf("frank");
    SoftwarePasskey passkey = SoftwarePasskey.create(origin);
    enrol(invite("dave"), passkey);
    HttpResponse<String> refused = confirm(waiting("dave").path(0));
    assertEquals(409, refused.statusCode());
    String detail = json(refused).path("detail").textValue();
    assertTrue(detail.contains("Erin Novak, Frank Adeyemi"), detail);
    assertTrue(detail.contains("/people"), detail);
    assertEquals(401, signIn(browser(), passkey).statusCode());
  }

  @Test
  void theLinkAloneEnrolsNobody() {
    JsonNode invited = invite("dave");
    String path = path(invited);
    Browser stranger = browser();
    assertTrue(stranger.get(path).body().contains("Dave Moreau"));
    assertEquals(401, challenge(stranger, path, "AAAA-AAAA").statusCode());
    assertEquals(400, stranger.post(path, Map.of("label", "x")).statusCode());
    assertEquals(
        403,
        stranger
            .post(
                path, Map.of("ceremony", "0190a5f0-0000-7000-8000-000000000001", "assertion", "{}"))
            .statusCode());
    assertEquals(0, waiting("dave").size());
  }

  /// Whoever knows the code of their own makes no passkey in another's name.
  @Test
  void whatWasBegunOnOneInvitationIsFinishedOnNoOther() {
    JsonNode own = invite("dave");
    JsonNode others = invite("erin");
    Browser browser = browser();
    Map<String, String> made =
        made(browser, path(own), own.path("code").textValue(), SoftwarePasskey.create(origin));
    assertEquals(403, browser.post(path(others), made).statusCode());
    assertEquals(0, waiting("erin").size());
  }

  @Test
  void aCodeHasFiveTriesAndIsGoodForOnePasskey() {
    JsonNode invited = invite("dave");
    String path = path(invited);
    String code = invited.path("code").textValue();
    Browser browser = browser();
    for (int left = 4; left > 0; left--) {
      HttpResponse<String> wrong = challenge(browser, path, "AAAA-AAAA");
      assertEquals(401, wrong.statusCode());
      String detail = json(wrong).path("detail").textValue();
      assertTrue(detail.contains(left == 1 ? "One try" : left + " tries"), detail);
      // A right one is no try.
      assertEquals(200, challenge(browser, path, code.toLowerCase(Locale.ROOT)).statusCode());
    }
    assertEquals(410, challenge(browser, path, "AAAA-AAAA").statusCode());
    assertEquals(410, challenge(browser, path, code).statusCode());

    JsonNode again = invite("dave");
    enrol(again, SoftwarePasskey.create(origin));
    assertEquals(410, challenge(browser, path(again), again.path("code").textValue()).statusCode());
  }

  @Test
  void aPasskeyThatDoesNotVerifyItsUserIsNotTaken() {
    JsonNode invited = invite("dave");
    Browser browser = browser();
    Map<String, String> form =
        made(
            browser,
            path(invited),
            invited.path("code").textValue(),
            SoftwarePasskey.create(origin).unverified());
    assertEquals(403, browser.post(path(invited), form).statusCode());
    assertEquals(0, waiting("dave").size());
  }

  @Test
  void whoIsNoAdminOrSignedInByACodeDoesNothingToOthers() {
    JsonNode invited = invite("dave");
    enrol(invited, SoftwarePasskey.create(origin));
    JsonNode waiting = waiting("dave").path(0);
    String place = "/people/" + waiting.path("invitation").textValue();
    Browser erinByCode = signedIn("erin");
    Browser bob = signedIn(passkeyOf("bob"));
    for (Browser each : List.of(erinByCode, bob)) {
      Map<String, String> form = ownForm(each);
      form.put("person", "alice");
      form.put("credential", waiting.path("credentialId").textValue());
      for (String path : List.of("/people/invite", place + "/confirm", place + "/revoke")) {
        assertEquals(403, each.post(path, form).statusCode(), path);
      }
    }
    assertFalse(bob.get("/people").body().contains("Dave Moreau"), "they see their own alone");
    assertEquals(1, waiting("dave").size());
    assertEquals(
        403, admin("frank").post(place + "/confirm", Map.of("token", "forged")).statusCode());
  }

  @Test
  void whatIsRevokedCountsNoMoreAndNeitherDoItsSessions() {
    SoftwarePasskey passkey = SoftwarePasskey.create(origin);
    JsonNode invited = invite("dave");
    enrol(invited, passkey);
    confirm(waiting("dave").path(0));
    Browser dave = browser();
    assertEquals(200, signIn(dave, passkey).statusCode());
    Map<String, String> form = ownForm(dave);
    form.put("reason", "Lost on a train.");
    String revoke = "/people/" + invited.path("invitation").textValue() + "/revoke";
    assertEquals(200, dave.post(revoke, form).statusCode());
    assertEquals(401, dave.get("/v1/tickets").statusCode());
    assertEquals(401, signIn(browser(), passkey).statusCode());
    Oversight last = events(invited, 4).getLast();
    assertEquals(Oversight.Change.PASSKEY_REVOKED, last.change());
    assertEquals("dave", last.by());
    assertEquals("Lost on a train.", last.reason() == null ? "" : last.reason().text());
  }

  @Test
  void aPersonSignsOutEverywhereAndAnAdminSignsOthersOutAndTheLogHasIt() {
    SoftwarePasskey passkey = passkeyOf("dave");
    Browser here = signedIn("dave");
    Browser there = signedIn(passkey);
    Browser alice = signedIn("alice");
    Map<String, String> others = ownForm(here);
    others.put("person", "alice");
    assertEquals(403, here.post("/people/sign-out", others).statusCode(), "dave is no admin");
    Browser erinByCode = signedIn("erin");
    Map<String, String> byCode = ownForm(erinByCode);
    byCode.put("person", "alice");
    assertEquals(403, erinByCode.post("/people/sign-out", byCode).statusCode());
    assertEquals(403, here.post("/people/sign-out", Map.of("token", "forged")).statusCode());
    assertEquals(200, alice.get("/v1/tickets").statusCode());

    assertEquals(200, here.post("/people/sign-out", ownForm(here)).statusCode());
    for (Browser each : List.of(here, there)) {
      assertEquals(401, each.get("/v1/tickets").statusCode());
    }
    assertEquals("dave", signedOut("dave").by());

    Browser erin = admin("erin");
    Map<String, String> form = ownForm(erin);
    form.put("person", "nobody");
    assertEquals(403, erin.post("/people/sign-out", form).statusCode());
    form.put("person", "alice");
    assertEquals(200, erin.post("/people/sign-out", form).statusCode());
    assertEquals(401, alice.get("/v1/tickets").statusCode());
    assertEquals("erin", signedOut("alice").by());
    assertEquals(200, erin.get("/v1/tickets").statusCode(), "hers stands");
  }

  /// What the log has of who signed this person out last.
  private Oversight signedOut(String approver) {
    List<Oversight> found = new ArrayList<>();
    wire.await(
        "signed out " + approver,
        () -> {
          for (ConsumerRecord<byte[], byte[]> each : wire.all(Topics.OVERSIGHT)) {
            Oversight event = EventJson.read(each.value(), Oversight.class);
            if (event.change() == Oversight.Change.SIGNED_OUT
                && approver.equals(event.approver())) {
              found.add(event);
            }
          }
          return !found.isEmpty();
        });
    return found.getLast();
  }

  @Test
  void whatSomebodyHasWhoLeftTheOperatorsFileIsSeenAndRevokedByAnAdmin() {
    SoftwarePasskey passkey = passkeyOf("dave");
    sql("update passkey set approver = 'zoe' where credential_id = ?", passkey.id());
    try {
      assertEquals(401, signIn(browser(), passkey).statusCode(), "zoe is nobody here");
      assertFalse(signedIn("dave").get("/people").body().contains("zoe"));
      Browser erin = admin("erin");
      String page = erin.get("/people").body();
      String left = page.substring(page.indexOf("Not in the operator’s file any more"));
      assertTrue(left.contains("<h3>zoe</h3>"), left);
      assertFalse(left.contains("value=\"zoe\""), "she can't be invited");
      String revoke = left.replaceFirst("(?s).*action=\"(/people/[0-9a-f-]{36}/revoke)\".*", "$1");
      Map<String, String> form = ownForm(erin);
      form.put("reason", "Left in May.");
      assertEquals(200, erin.post(revoke, form).statusCode());
      assertFalse(erin.get("/people").body().contains("zoe"));
      sql("update passkey set approver = 'dave' where credential_id = ?", passkey.id());
      assertEquals(401, signIn(browser(), passkey).statusCode(), "nor once the id is back");
    } finally {
      sql("delete from passkey where credential_id = ?", passkey.id());
    }
  }

  @Test
  void nobodyIsTheOperatorWithoutTheSecret() {
    Browser browser = browser();
    for (String given : List.of("", "Bearer ", "Bearer wrong", MailServer.OPERATOR_SECRET)) {
      assertEquals(
          401,
          browser
              .postJson("/v1/operator/invitations", "{\"person\":\"dave\"}", "Authorization", given)
              .statusCode());
    }
    assertEquals(
        404,
        browser
            .postJson(
                "/v1/operator/invitations", "{\"person\":\"mallory\"}", "Authorization", operator())
            .statusCode());
  }

  private static String operator() {
    return "Bearer " + MailServer.OPERATOR_SECRET;
  }

  private JsonNode invite(String person) {
    HttpResponse<String> invited =
        browser()
            .postJson(
                "/v1/operator/invitations",
                "{\"person\":\"" + person + "\"}",
                "Authorization",
                operator());
    assertEquals(201, invited.statusCode(), invited.body());
    return json(invited);
  }

  private JsonNode waiting(String person) {
    return json(browser()
            .get("/v1/operator/passkeys?person=" + person, "Authorization", operator()))
        .path("waiting");
  }

  private HttpResponse<String> confirm(JsonNode waiting) {
    return browser()
        .postJson(
            "/v1/operator/passkeys/" + waiting.path("invitation").textValue() + "/confirm",
            "{\"credentialId\":\"" + waiting.path("credentialId").textValue() + "\"}",
            "Authorization",
            operator());
  }

  private String enrol(JsonNode invited, SoftwarePasskey passkey) {
    return enrol(path(invited), invited.path("code").textValue(), passkey);
  }

  private String enrol(String path, String code, SoftwarePasskey passkey) {
    Browser browser = browser();
    HttpResponse<String> done = browser.post(path, made(browser, path, code, passkey));
    assertEquals(200, done.statusCode(), done.body());
    return done.body();
  }

  private static Map<String, String> made(
      Browser browser, String path, String code, SoftwarePasskey passkey) {
    HttpResponse<String> asked = challenge(browser, path, code);
    assertEquals(200, asked.statusCode(), asked.body());
    JsonNode options = json(asked).path("publicKey");
    assertEquals("none", options.path("attestation").textValue());
    assertEquals(
        "required", options.path("authenticatorSelection").path("residentKey").textValue());
    return new LinkedHashMap<>(
        Map.of(
            "code",
            code,
            "label",
            "Work phone",
            "ceremony",
            json(asked).path("ceremony").textValue(),
            "assertion",
            passkey.register(options).toString()));
  }

  private static HttpResponse<String> challenge(Browser browser, String path, String code) {
    return browser.post(path + "/challenge", Map.of("code", code));
  }

  /// An admin who is signed in by a passkey.
  private Browser admin(String id) {
    return signedIn(passkeyOf(id));
  }

  private static Map<String, String> ownForm(Browser browser) {
    return new LinkedHashMap<>(Map.of("token", Browser.token(browser.get("/people").body())));
  }

  private List<Oversight> events(JsonNode invited, int atLeast) {
    ActionId id = ActionId.of(invited.path("invitation").textValue());
    return wire.events(Oversight.class, id, Topics.OVERSIGHT, atLeast);
  }

  private static String path(JsonNode invited) {
    return URI.create(invited.path("link").textValue()).getPath();
  }
}
