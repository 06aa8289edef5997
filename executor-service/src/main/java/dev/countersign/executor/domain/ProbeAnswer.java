package dev.countersign.executor.domain;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a target answered to a probe.
///
/// @param etag as it came
/// @param body null where it was not read to its end, or is nothing to the probe
public record ProbeAnswer(int status, @Nullable String etag, @Nullable ByteBuffer body) {

  // etagc (RFC 9110 §8.8.3), less what is no ASCII; a weak one begins with W/.
  private static final Pattern STRONG = Pattern.compile("\"[\\x21\\x23-\\x7e]*\"");

  /// The values, names and brackets that an answer may have: each becomes many times its text.
  public static final int MOST_TOKENS = 128 * 1024;

  // Numbers as they were written: what a double would bend must be seen to be refused.
  private static final ObjectReader JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxTokenCount(MOST_TOKENS).build())
                  .build())
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build()
          .readerFor(JsonNode.class);

  /// The strong entity tag; null where there is none. Two states of a resource may have the same
  /// weak one.
  @Nullable String strongEtag() {
    return etag != null && STRONG.matcher(etag).matches() ? etag : null;
  }

  /// The body as JSON (RFC 8259); null where it is none, has a name twice, or too much in it.
  @Nullable JsonNode json() {
    if (body == null) {
      return null;
    }
    try {
      JsonNode json = JSON.readValue(new ByteBufferBackedInputStream(body.duplicate()));
      return json == null || json.isMissingNode() ? null : json;
    } catch (IOException e) {
      // Said by the null, to whoever asked.
      return null;
    }
  }
}
