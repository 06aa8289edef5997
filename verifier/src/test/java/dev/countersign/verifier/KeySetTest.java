package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.DsseEnvelope;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeySetTest {

  private static final byte[] NO_STATEMENT = {1, 2, 3};

  private final Signed vote = new Signed();

  /// Whoever logs it has to log it whatever it says, and whenever it was signed.
  @Test
  void whoSignedIsFoundWhateverTheEnvelopeSaysAndWhenTheKeysTimeIsOver() {
    ObjectNode jwks = Signed.jwks();
    ((ObjectNode) jwks.at("/keys/1/validFor")).put("until", "2026-11-26T09:00:01Z");
    KeySet over = KeySet.read(jwks.toString().getBytes(UTF_8));

    assertArrayEquals(
        Signed.SERVICE.getPublic().getEncoded(),
        findSigner(over, vote.envelope(NO_STATEMENT)).orElseThrow());
  }

  @Test
  void nobodySignedWhatAnotherKeySigned() {
    vote.service = Signed.p256();
    assertEquals(Optional.empty(), findSigner(Signed.keys(), vote.envelope()));
  }

  @Test
  void nobodySignedByAKeyThatIsNotInTheSetOrSignsOtherThings() {
    vote.kid = "unknown";
    assertEquals(Optional.empty(), findSigner(Signed.keys(), vote.envelope()));
    vote.kid = "grant-key";
    assertEquals(Optional.empty(), findSigner(Signed.keys(), vote.envelope()));
  }

  @Test
  void nobodySignedWhatIsNoBase64OrNamesNoKey() {
    DsseEnvelope good = vote.envelope();
    String sig = good.signatures().getFirst().sig();
    DsseEnvelope.Signature signature = good.signatures().getFirst();

    assertEquals(
        Optional.empty(),
        Signed.keys().findSigner(good, new DsseEnvelope.Signature(Signed.KID, sig + "!")));
    assertEquals(
        Optional.empty(), Signed.keys().findSigner(good, new DsseEnvelope.Signature(null, sig)));
    assertEquals(
        Optional.empty(),
        Signed.keys()
            .findSigner(
                new DsseEnvelope(good.payloadType(), good.payload() + "!", good.signatures()),
                signature));
  }

  private static Optional<byte[]> findSigner(KeySet keys, DsseEnvelope envelope) {
    return keys.findSigner(envelope, envelope.signatures().getFirst());
  }
}
