package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Payload;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {

  private static ConsumerRecord<byte[], byte[]> structured(String type, Charset charset) {
    return structured(type, charset, "");
  }

  private static ConsumerRecord<byte[], byte[]> structured(
      String type, Charset charset, String after) {
    String json =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"urn:test\",\"data\": {\"ä\":1} ,\"type\":\""
            + type
            + "\"}"
            + after;
    return structured(json.getBytes(charset));
  }

  private static ConsumerRecord<byte[], byte[]> structured(byte[] json) {
    var raw = new ConsumerRecord<byte[], byte[]>("decision", 0, 0, null, json);
    raw.headers()
        .add("content-type", "application/cloudevents+json".getBytes(StandardCharsets.UTF_8));
    return raw;
  }

  @Test
  void structuredDataIsKeptByteForByte() throws Rejected {
    Envelope envelope =
        Envelope.read(structured("countersign.decision.v1", StandardCharsets.UTF_8));
    assertEquals("{\"ä\":1}", new String(envelope.data(), StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"})
  void anotherEncodingIsRefusedAndStopsNothing(String charset) {
    Rejected why =
        assertThrows(
            Rejected.class,
            () -> Envelope.read(structured("countersign.decision.v1", Charset.forName(charset))));
    assertEquals("envelope", why.reason());
  }

  @Test
  void anotherTypeIsRefusedWhereTheTopicCounts() throws Rejected {
    var raw = structured("countersign.verdict.v1", StandardCharsets.UTF_8);
    assertEquals("type", assertThrows(Rejected.class, () -> Envelope.read(raw)).reason());
    assertEquals("countersign.verdict.v1", Envelope.readAnyType(raw).type());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "{}", "]", "\u0000", "{\"type\":\"countersign.verdict.v1\"}"})
  void whatFollowsTheObjectMakesItNoCloudEvent(String after) {
    ConsumerRecord<byte[], byte[]> raw =
        structured("countersign.decision.v1", StandardCharsets.UTF_8, after);
    assertEquals("envelope", assertThrows(Rejected.class, () -> Envelope.read(raw)).reason());
  }

  @Test
  void whatStandsTwiceInTheDataIsForWhoeverReadsTheData() throws Rejected {
    String data = "{\"a\":1,\"a\":2}";
    String json =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"urn:test\",\"data\":"
            + data
            + ",\"dataschema\":\"urn:s\",\"type\":\"countersign.decision.v1\"}";
    Envelope envelope = Envelope.read(structured(json.getBytes(StandardCharsets.UTF_8)));
    assertEquals(data, new String(envelope.data(), StandardCharsets.UTF_8));
    for (String twice :
        List.of(
            "\"id\":\"2\"",
            "\"data\":{}",
            "\"data_base64\":\"e30=\"",
            "\"n\":1,\"n\":1",
            "\"n\":null,\"n\":\"x\"")) {
      ConsumerRecord<byte[], byte[]> raw =
          structured(
              json.replace(",\"type\"", "," + twice + ",\"type\"")
                  .getBytes(StandardCharsets.UTF_8));
      assertEquals("envelope", assertThrows(Rejected.class, () -> Envelope.read(raw)).reason());
    }
  }

  /// Whoever has the value alone, as the log's readers have, sees the event that was acted on.
  @Test
  void withAndWithoutHeadersTheSameIsRead() throws Rejected {
    String event = "{\"actionId\":\"1\",\"specversion\":\"1.0\",\"data\":{\"actionId\":\"2\"}}";
    var binary = new ConsumerRecord<byte[], byte[]>("decision", 0, 0, null, bytes(event));
    binary
        .headers()
        .add("ce_specversion", bytes("1.0"))
        .add("ce_id", bytes("1"))
        .add("ce_source", bytes("urn:test"))
        .add("ce_type", bytes("countersign.decision.v1"));
    assertReadAlike(event, binary);
    String around =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"urn:test\",\"n\":1,\"b\":true,\"none\":null,"
            + "\"type\":\"countersign.decision.v1\",";
    assertReadAlike(event, structured(bytes(around + "\"data\":" + event + "}")));
    String base64 = Base64.getEncoder().encodeToString(bytes(event));
    assertReadAlike(event, structured(bytes(around + "\"data_base64\":\"" + base64 + "\"}")));
    // Null is absent, before and behind.
    assertReadAlike(
        event,
        structured(
            bytes(around + "\"data_base64\":null,\"outcome\":\"x\",\"data\":" + event + "}")));
    assertReadAlike(
        event, structured(bytes(around + "\"data\":" + event + ",\"data_base64\":null}")));
  }

  private static void assertReadAlike(String event, ConsumerRecord<byte[], byte[]> raw)
      throws Rejected {
    JsonNode read = EventJson.readTree(bytes(event));
    assertEquals(read, EventJson.readTree(Envelope.read(raw).data()));
    assertEquals(read, Payload.event(EventJson.readTree(raw.value())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"data\":{\"actionId\":\"2\"},\"actionId\":\"1\"",
        "\"data\":{\"actionId\":\"2\"},\"data_base64\":[]",
        "\"data\":{\"actionId\":\"2\"},\"n\":1,\"n\":1",
        "\"data\":{\"actionId\":\"2\"},\"n\":{\"a\":1,\"a\":1}",
      })
  void whatTheyWouldReadDifferentlyIsRefused(String members) {
    String json =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"urn:test\","
            + "\"type\":\"countersign.decision.v1\","
            + members
            + "}";
    var raw = structured(bytes(json));
    assertEquals("envelope", assertThrows(Rejected.class, () -> Envelope.read(raw)).reason());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void blanksAfterTheObjectAreNothing() throws Rejected {
    var raw = structured("countersign.decision.v1", StandardCharsets.UTF_8, " \r\n\t");
    assertEquals("countersign.decision.v1", Envelope.read(raw).type());
  }
}
