package dev.countersign.gateway.inbound.mcp;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The revisions of the protocol that we speak, newest first.
public enum Revision {
  /// Stateless: each request names its revision, client and capabilities in `_meta`.
  JULY_2026("2026-07-28"),
  NOVEMBER_2025("2025-11-25"),
  JUNE_2025("2025-06-18"),
  MARCH_2025("2025-03-26");

  private final String date;

  Revision(String date) {
    this.date = date;
  }

  /// As it stands on the wire.
  @Override
  public String toString() {
    return date;
  }

  /// Empty for one that we don't speak.
  public static Optional<Revision> find(String date) {
    return Arrays.stream(values()).filter(it -> it.date.equals(date)).findFirst();
  }

  /// The newest of those that begin with `initialize`, which is offered to whoever asks for one
  /// that we don't know.
  static Revision newestWithHandshake() {
    return NOVEMBER_2025;
  }

  /// Whether it begins with `initialize`, and says there once what later ones say in each request.
  public boolean hasHandshake() {
    return this != JULY_2026;
  }

  static List<String> dates() {
    return Arrays.stream(values()).map(Revision::toString).toList();
  }
}
