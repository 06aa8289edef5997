package dev.countersign.ticket.outbound;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// From when a key signs, and until when where that is known; in whole seconds, both included.
record Validity(Instant from, @Nullable Instant until) {

  /// What a certificate says that has no end (RFC 5280 §4.1.2.5).
  static final Instant NO_END = Instant.parse("9999-12-31T23:59:59Z");

  /// What is signed carries the database's time, and its clock may be another.
  static final Duration CLOCKS_DIFFER = Duration.ofHours(1);

  Validity {
    from = from.truncatedTo(ChronoUnit.SECONDS);
    until = until == null ? null : until.truncatedTo(ChronoUnit.SECONDS);
  }

  static Validity of(X509Certificate certificate) {
    Instant until = certificate.getNotAfter().toInstant();
    return new Validity(
        certificate.getNotBefore().toInstant(), until.equals(NO_END) ? null : until);
  }

  boolean covers(Instant at) {
    return !at.isBefore(from) && (until == null || !at.isAfter(until));
  }

  /// Whether nobody signs with the key any more, whatever their clock says.
  boolean isOver(Instant now) {
    return until != null && now.isAfter(until.plus(CLOCKS_DIFFER));
  }

  Validity until(Instant end) {
    return new Validity(from, end);
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("from", from.toString());
    if (until != null) {
      json.put("until", until.toString());
    }
    return json;
  }
}
