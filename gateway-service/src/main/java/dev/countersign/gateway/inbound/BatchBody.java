package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.countersign.events.Bounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// An array of proposals, taken apart into the text of each, so that each is read under the same
/// bounds as one that comes alone.
final class BatchBody {

  /// A set of actions is reviewed as one, by people: more than this on one page nobody reads.
  static final int MOST = 100;

  /// All of them together, in bytes.
  static final int MAX_BYTES = 1_000_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  // How deep each may be is said of each; this one only bounds what is skipped.
                  .maxNumberLength(MAX_BYTES)
                  .maxStringLength(MAX_BYTES)
                  .maxNameLength(MAX_BYTES)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private BatchBody() {}

  /// The bytes of each, 1 to {@value #MOST}.
  static List<byte[]> split(byte[] body) throws Bounds.OutOfBounds {
    if (body.length > MAX_BYTES) {
      throw new Bounds.OutOfBounds("too-large", "a batch has at most " + MAX_BYTES + " bytes");
    }
    String text = text(body);
    List<byte[]> proposals = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new Bounds.OutOfBounds("not-json", "the batch is not a JSON array of proposals");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (proposals.size() == MOST) {
          throw new Bounds.OutOfBounds(
              "too-many", "a batch has at most " + MOST + " proposals; send the rest as another");
        }
        proposals.add(next(parser, text));
      }
      if (parser.nextToken() != null) {
        throw new Bounds.OutOfBounds("not-json", "something follows the JSON array");
      }
    } catch (IOException e) {
      throw new Bounds.OutOfBounds(
          "not-json", "the batch is not JSON, or nested too deep; send an array of proposals");
    }
    if (proposals.isEmpty()) {
      throw new Bounds.OutOfBounds("empty", "the batch has no proposal; send at least one");
    }
    return proposals;
  }

  private static String text(byte[] body) throws Bounds.OutOfBounds {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new Bounds.OutOfBounds("not-utf8", "the batch is not valid UTF-8; encode it as UTF-8");
    }
  }

  private static byte[] next(JsonParser parser, String text) throws IOException {
    boolean object = parser.currentToken() == JsonToken.START_OBJECT;
    long from = parser.currentTokenLocation().getCharOffset();
    parser.skipChildren();
    // What is no object is no proposal; those beside it are answered all the same.
    return object
        ? text.substring((int) from, (int) parser.currentLocation().getCharOffset())
            .getBytes(StandardCharsets.UTF_8)
        : new byte[0];
  }
}
