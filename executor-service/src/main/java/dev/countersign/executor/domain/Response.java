package dev.countersign.executor.domain;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the target answered, for the agent: never on a topic and in no log.
///
/// @param body null where it was larger than {@link #LARGEST}
/// @param keep how long
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Response(String contentType, byte @Nullable [] body, Duration keep) {

  /// In bytes.
  public static final int LARGEST = 64 * 1024;

  public static final Duration KEEP = Duration.ofHours(24);
  public static final Duration LONGEST_KEEP = Duration.ofDays(30);

  private static final String BYTES = "application/octet-stream";
  private static final Pattern TYPE =
      Pattern.compile("[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}(;[ -~]{0,80})?");

  /// The type as it is handed on: only JSON and text as what they say they are.
  public static String type(@Nullable String said) {
    String type = said == null ? "" : said.strip().toLowerCase(Locale.ROOT);
    if (!TYPE.matcher(type).matches()) {
      return BYTES;
    }
    String plain = type.split(";", 2)[0].strip();
    return plain.equals("application/json") || plain.endsWith("+json") || plain.startsWith("text/")
        ? type
        : BYTES;
  }
}
