package dev.countersign.ticket.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Assertion;
import dev.countersign.events.EventJson;
import dev.countersign.launcher.SoftwarePasskey;
import dev.countersign.ticket.application.AssertionResponse;
import dev.countersign.ticket.application.RegistrationResponse;
import dev.countersign.ticket.application.WebAuthn.Checked;
import dev.countersign.ticket.application.WebAuthn.Registered;
import dev.countersign.ticket.domain.Credential;
import dev.countersign.ticket.domain.PasskeyRefusal;
import io.vertx.mutiny.core.Vertx;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebAuthn4jTest {

  private static final URI ORIGIN = URI.create("http://localhost:8082");
  private static final byte[] CHALLENGE = sha256("what is to be signed");
  private static final byte[] OTHER = sha256("something else");

  private final Vertx vertx = Vertx.vertx();
  private final WebAuthn4j webAuthn = new WebAuthn4j(vertx, URI.create(ORIGIN + "/"));
  private final SoftwarePasskey passkey = SoftwarePasskey.create(ORIGIN);

  @AfterEach
  void close() {
    vertx.closeAndAwait();
  }

  @Test
  void anAssertionHoldsAndAnybodyCanVerifyItAgainWithTheJdkAlone() throws Exception {
    Credential credential = made(passkey);
    Checked.Holds holds =
        assertInstanceOf(Checked.Holds.class, check(passkey, CHALLENGE, credential));
    assertEquals(credential.signCount() + 1, holds.signCount());
    Assertion assertion = holds.assertion();
    assertEquals(credential.signCount(), assertion.signCountBefore());
    assertEquals("localhost", assertion.rpId());
    assertEquals(ORIGIN, assertion.origin());
    Signature signature = Signature.getInstance("SHA256withECDSA", "SunEC");
    signature.initVerify(
        KeyFactory.getInstance("EC")
            .generatePublic(new X509EncodedKeySpec(bytes(assertion.publicKey()))));
    signature.update(bytes(assertion.authenticatorData()));
    signature.update(sha256(bytes(assertion.clientDataJSON())));
    assertEquals(true, signature.verify(bytes(assertion.signature())));
  }

  @Test
  void itIsNotTheSlowerEcdsaThatVerifies() throws Exception {
    assertEquals(
        "CountersignEcdsa", Signature.getInstance("SHA256withECDSA").getProvider().getName());
  }

  @Test
  void anAssertionOverAnotherChallengeIsRefused() {
    assertFails(PasskeyRefusal.MISMATCH, check(passkey, OTHER, made(passkey)));
  }

  @Test
  void anAssertionWithoutUserVerificationIsRefused() {
    assertFails(PasskeyRefusal.NOT_VERIFIED, check(passkey.unverified(), CHALLENGE, made(passkey)));
  }

  @Test
  void anAssertionFromAnotherOriginIsRefused() {
    for (String other :
        new String[] {
          "http://localhost:8083", "https://localhost:8082", "http://localhost.evil.example:8082"
        }) {
      assertFails(
          PasskeyRefusal.MISMATCH, check(passkey.at(URI.create(other)), CHALLENGE, made(passkey)));
    }
  }

  @Test
  void anAssertionForAnotherRelyingPartyIsRefused() {
    assertFails(
        PasskeyRefusal.MISMATCH, check(passkey.forRpId("evil.example"), CHALLENGE, made(passkey)));
  }

  @Test
  void aCounterThatDidNotGoUpIsThatOfACopy() {
    Credential credential = made(passkey);
    Credential later =
        new Credential(credential.id(), credential.attested(), credential.publicKey(), 7, false);
    assertFails(PasskeyRefusal.COPIED, check(passkey.counting(7), CHALLENGE, later));
    assertFails(PasskeyRefusal.COPIED, check(passkey.counting(3), CHALLENGE, later));
    assertInstanceOf(Checked.Holds.class, check(passkey.counting(8), CHALLENGE, later));
  }

  @Test
  void anotherPasskeysSignatureUnderThisOnesIdIsRefused() {
    SoftwarePasskey other = SoftwarePasskey.create(ORIGIN);
    AssertionResponse theirs = response(other.sign(base64(CHALLENGE)));
    assertFails(
        PasskeyRefusal.MISMATCH,
        webAuthn.checkNow(
            CHALLENGE, new AssertionResponse(passkey.id(), theirs.response()), made(passkey)));
  }

  @Test
  void oneByteChangedIsNoticed() {
    Credential credential = made(passkey);
    AssertionResponse good = response(passkey.sign(base64(CHALLENGE)));
    for (int member = 0; member < 3; member++) {
      AssertionResponse.Response it = good.response();
      AssertionResponse.Response changed =
          new AssertionResponse.Response(
              member == 0 ? changed(it.clientDataJSON()) : it.clientDataJSON(),
              member == 1 ? changed(it.authenticatorData()) : it.authenticatorData(),
              member == 2 ? changed(it.signature()) : it.signature(),
              null);
      assertInstanceOf(
          Checked.Fails.class,
          webAuthn.checkNow(CHALLENGE, new AssertionResponse(good.id(), changed), credential));
    }
  }

  @Test
  void whatIsNoAssertionIsRefused() {
    AssertionResponse.Response nonsense =
        new AssertionResponse.Response("e30", "AAAA", "not base64!", null);
    assertFails(
        PasskeyRefusal.MISMATCH,
        webAuthn.checkNow(CHALLENGE, new AssertionResponse("AAAA", nonsense), made(passkey)));
  }

  @Test
  void aPasskeyThatDoesNotVerifyItsUserIsNotEnrolled() {
    assertEquals(new Registered.Fails(PasskeyRefusal.NOT_VERIFIED), register(passkey.unverified()));
  }

  @Test
  void aPasskeyMadeForAnotherPageOrChallengeIsNotEnrolled() {
    for (SoftwarePasskey other :
        new SoftwarePasskey[] {
          passkey.at(URI.create("http://localhost:8083")), passkey.forRpId("evil.example")
        }) {
      assertEquals(new Registered.Fails(PasskeyRefusal.MISMATCH), register(other));
    }
    assertEquals(
        new Registered.Fails(PasskeyRefusal.MISMATCH),
        webAuthn.registerNow(OTHER, registration(passkey)));
  }

  private Credential made(SoftwarePasskey one) {
    return assertInstanceOf(Registered.Made.class, register(one)).credential();
  }

  private Registered register(SoftwarePasskey one) {
    return webAuthn.registerNow(CHALLENGE, registration(one));
  }

  private static RegistrationResponse registration(SoftwarePasskey one) {
    JsonNode options =
        EventJson.readTree(
            ("{\"challenge\":\"" + base64(CHALLENGE) + "\"}").getBytes(StandardCharsets.UTF_8));
    return EventJson.read(EventJson.write(one.register(options)), RegistrationResponse.class);
  }

  private Checked check(SoftwarePasskey one, byte[] challenge, Credential credential) {
    return webAuthn.checkNow(challenge, response(one.sign(base64(CHALLENGE))), credential);
  }

  private static AssertionResponse response(JsonNode json) {
    return EventJson.read(EventJson.write(json), AssertionResponse.class);
  }

  private static void assertFails(PasskeyRefusal refusal, Checked checked) {
    assertEquals(new Checked.Fails(refusal), checked);
  }

  private static String changed(String base64) {
    byte[] bytes = bytes(base64);
    bytes[bytes.length / 2] ^= 1;
    return base64(bytes);
  }

  private static byte[] sha256(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] bytes(String base64) {
    return Base64.getUrlDecoder().decode(base64);
  }
}
