package dev.countersign.notifier.application;

import java.util.List;

/// A channel by which people are to be told.
///
/// @param available whether this installation has it
public record Channel(String name, boolean available) {

  private static final String MAIL = "mail";

  /// The one of these that this installation has; all are welcome where none is named. Over another
  /// channel than was named nobody is told: where it has none of them, this is the first, and not
  /// available.
  public static Channel of(List<String> wanted) {
    return wanted.isEmpty() || wanted.contains(MAIL)
        ? new Channel(MAIL, true)
        : new Channel(wanted.getFirst(), false);
  }
}
