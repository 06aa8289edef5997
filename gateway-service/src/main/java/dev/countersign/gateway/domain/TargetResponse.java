package dev.countersign.gateway.domain;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the target answered, where the operator lets the agent have it: as JSON, as text, or else
/// as base64; or why it is missing.
///
/// @param digest of the body to the byte, as the execution has it
public record TargetResponse(
    @Nullable String contentType,
    @Nullable JsonNode json,
    @Nullable String text,
    @Nullable String base64,
    Digest digest,
    @Nullable Missing missing) {

  /// Why the agent does not get it. How the action ended stands all the same.
  public enum Missing {
    /// It was larger than what is kept.
    @JsonProperty("too-large")
    TOO_LARGE,
    /// It was kept as long as the connector says, and no longer.
    @JsonProperty("gone")
    GONE,
    /// The executor cannot be asked for it, or whether there is any.
    @JsonProperty("away")
    AWAY,
    /// What is kept is not what the execution has the digest of.
    @JsonProperty("altered")
    ALTERED
  }

  public static TargetResponse missing(Digest digest, Missing why) {
    return new TargetResponse(null, null, null, null, digest, why);
  }

  /// @param digest what the execution says of the body
  public static TargetResponse of(String contentType, byte[] body, Digest digest) {
    if (!Digest.of(body).equals(digest)) {
      return missing(digest, Missing.ALTERED);
    }
    String type = contentType.toLowerCase(Locale.ROOT).split(";", 2)[0].strip();
    String text = text(type, body);
    JsonNode json = text == null ? null : json(type, body, text);
    return new TargetResponse(
        contentType,
        json,
        json == null ? text : null,
        text == null ? Base64.getEncoder().encodeToString(body) : null,
        digest,
        null);
  }

  private static boolean isJson(String type) {
    return type.equals("application/json") || type.endsWith("+json");
  }

  private static @Nullable String text(String type, byte[] body) {
    if (!isJson(type) && !type.startsWith("text/")) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      // Of another charset, or no text at all: the bytes are handed on as they are.
      return null;
    }
  }

  /// To the character: a number with many digits stays what it is.
  private static @Nullable JsonNode json(String type, byte[] body, String text) {
    if (!isJson(type)) {
      return null;
    }
    try {
      EventJson.readTree(body);
      return JsonNodeFactory.instance.rawValueNode(new RawValue(text));
    } catch (IllegalArgumentException e) {
      // It only says that it is JSON; as text it harms nobody.
      return null;
    }
  }
}
