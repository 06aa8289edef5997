package dev.countersign.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class DsseEnvelopeTest {

  @Test
  void whatIsSignedIsWhatTheSpecificationSays() {
    // The example of protocol.md, and lengths in bytes rather than characters.
    assertEquals(
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
        new String(
            DsseEnvelope.pae("http://example.com/HelloWorld", "hello world".getBytes(UTF_8)),
            UTF_8));
    assertEquals("DSSEv1 2 é 3 €", new String(DsseEnvelope.pae("é", "€".getBytes(UTF_8)), UTF_8));
  }

  @Test
  void anEnvelopeIsWrittenAndReadAsTheSpecificationSays() {
    DsseEnvelope envelope =
        DsseEnvelope.of(DsseEnvelope.IN_TOTO, new byte[] {-1, 0}, "key-1", new byte[] {62, 63});
    String json = new String(EventJson.write(envelope), UTF_8);
    assertEquals(
        "{\"payloadType\":\"application/vnd.in-toto+json\",\"payload\":\"/wA=\","
            + "\"signatures\":[{\"keyid\":\"key-1\",\"sig\":\"Pj8=\"}]}",
        json);
    DsseEnvelope read = EventJson.read(json.getBytes(UTF_8), DsseEnvelope.class);
    assertEquals(envelope, read);
    assertArrayEquals(new byte[] {-1, 0}, read.body());
    assertArrayEquals(new byte[] {62, 63}, read.signatures().getFirst().bytes());
  }

  @Test
  void oneSignedThingHasOneSpelling() {
    // "/wB=" has a stray bit, and "/wA" no padding; both decode to the same bytes elsewhere.
    for (String other : List.of("/wB=", "/wA", "/w A=", "_wA=")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new DsseEnvelope(DsseEnvelope.IN_TOTO, other, List.of()).body(),
          other);
    }
  }
}
