package dev.countersign.events;

/// Why: a stable code for programs (`lower-kebab`), and a sentence for people that says what to do.
public record Reason(String code, String text) {

  /// The code of whatever ends because the system was put back from a backup (`decision`,
  /// `execution`).
  public static final String RESTORED = "restored";
}
