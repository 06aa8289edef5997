package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.countersign.events.Bounds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An array of proposals, taken apart into the bytes of each, so that each is read under the same
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
                  // The array around them is one more.
                  .maxNestingDepth(Bounds.MAX_DEPTH + 1)
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
    List<byte[]> proposals = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new Bounds.OutOfBounds("not-json", "the batch is not a JSON array of proposals");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (proposals.size() == MOST) {
          throw new Bounds.OutOfBounds(
              "too-many", "a batch has at most " + MOST + " proposals; send the rest as another");
        }
        proposals.add(next(parser, body));
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

  private static byte[] next(JsonParser parser, byte[] body)
      throws IOException, Bounds.OutOfBounds {
    long from = parser.currentTokenLocation().getByteOffset();
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      // No proposal; those beside it are answered all the same.
      return new byte[0];
    }
    parser.skipChildren();
    long to = parser.currentLocation().getByteOffset();
    if (from < 0 || to < from || to > body.length) {
      throw new Bounds.OutOfBounds("not-utf8", "the batch is not UTF-8; encode it as UTF-8");
    }
    return Arrays.copyOfRange(body, (int) from, (int) to);
  }
}
