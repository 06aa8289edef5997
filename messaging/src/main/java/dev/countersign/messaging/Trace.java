package dev.countersign.messaging;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// W3C Trace Context, level 1 (§3.2): the `traceparent` that goes with an action through every hop.
public final class Trace {

  private static final Pattern FORM =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private Trace() {}

  /// The trace that came along; empty where none came or it is malformed (§3.2.1).
  public static Optional<String> find(@Nullable String traceparent) {
    return Optional.ofNullable(traceparent).filter(came -> FORM.matcher(came).matches());
  }

  /// The trace that came along, or a new one.
  public static String orNew(@Nullable String traceparent) {
    return find(traceparent).orElseGet(Trace::begin);
  }

  private static String begin() {
    byte[] ids = new byte[24];
    RANDOM.nextBytes(ids);
    HexFormat hex = HexFormat.of();
    return "00-" + hex.formatHex(ids, 0, 16) + "-" + hex.formatHex(ids, 16, 24) + "-01";
  }
}
