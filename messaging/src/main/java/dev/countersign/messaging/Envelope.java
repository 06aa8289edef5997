package dev.countersign.messaging;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.events.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// A CloudEvent 1.0.2 as it came off a topic, in binary or structured mode (Kafka protocol binding
/// §3.2, §3.3). `data` is the payload byte for byte: nothing has parsed it yet. `signature` is an
/// extension attribute of ours, and nothing has verified it yet either.
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record Envelope(
    String id,
    String source,
    String type,
    @Nullable String subject,
    @Nullable String traceparent,
    @Nullable String signature,
    byte[] data,
    ConsumerRecord<byte[], byte[]> raw) {

  private static final String STRUCTURED = "application/cloudevents+json";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          // Not CANONICALIZE_FIELD_NAMES: without it Jackson decodes to characters first and knows
          // no byte offsets. The table of names it keeps is bounded.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /// Reads the envelope; refuses what is no CloudEvent or not of the type that its topic carries.
  public static Envelope read(ConsumerRecord<byte[], byte[]> raw) throws Rejected {
    Envelope envelope = readAnyType(raw);
    String expected = Topics.type(raw.topic());
    if (!envelope.type.equals(expected)) {
      throw new Rejected("type", "the CloudEvents type on " + raw.topic() + " must be " + expected);
    }
    return envelope;
  }

  /// Reads the envelope whatever its type, such as that of a dead letter; refuses what is no
  /// CloudEvent.
  public static Envelope readAnyType(ConsumerRecord<byte[], byte[]> raw) throws Rejected {
    if (raw.value() == null) {
      throw new Rejected("envelope", "the record has no value; send a CloudEvent with data");
    }
    String contentType = header(raw, "content-type");
    boolean structured =
        contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith(STRUCTURED);
    return structured ? structured(raw) : binary(raw);
  }

  private static Envelope binary(ConsumerRecord<byte[], byte[]> raw) throws Rejected {
    return of(
        raw,
        header(raw, "ce_specversion"),
        header(raw, "ce_id"),
        header(raw, "ce_source"),
        header(raw, "ce_type"),
        header(raw, "ce_subject"),
        header(raw, "ce_traceparent"),
        header(raw, "ce_signature"),
        raw.value());
  }

  private static Envelope structured(ConsumerRecord<byte[], byte[]> raw) throws Rejected {
    byte[] value = raw.value();
    Set<String> names = new HashSet<>();
    Map<String, String> attributes = new HashMap<>();
    byte @Nullable [] data = null;
    try (JsonParser parser = JSON.createParser(value)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Rejected("envelope", "a structured CloudEvent is a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (!names.add(name)) {
          throw new Rejected("envelope", "the CloudEvent has " + name + " twice");
        }
        // Null is absent.
        if (name.equals("data_base64") && token == JsonToken.VALUE_NULL) {
          continue;
        }
        if (data != null && (name.equals("data") || name.equals("data_base64"))) {
          throw new Rejected("envelope", "the CloudEvent has data twice");
        }
        // By it whoever has no headers knows the event itself (events/Payload).
        if (name.equals("actionId")) {
          throw new Rejected("envelope", "actionId is no attribute; put it into the data");
        }
        if (name.equals("data")) {
          // The bytes as they came, so that the payload's own bounds are judged on the original.
          int from = (int) parser.currentTokenLocation().getByteOffset();
          if (from < 0) {
            // The parser takes UTF-16 and UTF-32 too, but then knows no byte offsets.
            throw new Rejected("envelope", "encode the CloudEvent as UTF-8 (RFC 8259 §8.1)");
          }
          parser.skipChildren();
          parser.finishToken();
          int to = (int) parser.currentLocation().getByteOffset();
          data = Arrays.copyOfRange(value, from, to);
        } else if (name.equals("data_base64")) {
          if (token != JsonToken.VALUE_STRING) {
            throw new Rejected("envelope", "data_base64 must be a text");
          }
          data = Base64.getDecoder().decode(parser.getText());
        } else if (token == JsonToken.VALUE_STRING) {
          attributes.put(name, parser.getText());
        } else if (token.isStructStart()) {
          throw new Rejected("envelope", name + " must be a text, a number, true or false");
        } else if (token.isNumeric()) {
          // What is too long for one is refused here too.
          var _ = parser.getNumberValue();
        }
      }
      if (parser.nextToken() != null) {
        throw new Rejected("envelope", "a structured CloudEvent is one JSON object and no more");
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new Rejected("envelope", "not a structured CloudEvent: " + firstLine(e));
    }
    if (data == null) {
      throw new Rejected("envelope", "the CloudEvent has no data");
    }
    return of(
        raw,
        attributes.get("specversion"),
        attributes.get("id"),
        attributes.get("source"),
        attributes.get("type"),
        attributes.get("subject"),
        attributes.get("traceparent"),
        attributes.get("signature"),
        data);
  }

  private static Envelope of(
      ConsumerRecord<byte[], byte[]> raw,
      @Nullable String specversion,
      @Nullable String id,
      @Nullable String source,
      @Nullable String type,
      @Nullable String subject,
      @Nullable String traceparent,
      @Nullable String signature,
      byte[] data)
      throws Rejected {
    if (specversion == null || !specversion.equals("1.0")) {
      throw new Rejected("envelope", "not a CloudEvent: specversion must be 1.0");
    }
    String trace = traceparent != null ? traceparent : header(raw, "traceparent");
    return new Envelope(
        required("id", id),
        required("source", source),
        required("type", type),
        subject,
        trace,
        signature,
        data,
        raw);
  }

  private static String required(String attribute, @Nullable String value) throws Rejected {
    if (value == null || value.isEmpty()) {
      throw new Rejected("envelope", "not a CloudEvent: " + attribute + " is missing");
    }
    return value;
  }

  /// The last header of this name as text, where there is one.
  public static @Nullable String header(ConsumerRecord<byte[], byte[]> raw, String name) {
    Header header = raw.headers().lastHeader(name);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
