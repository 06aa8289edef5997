package dev.countersign.testbrowser;

/// What the reader's system prefers (`prefers-color-scheme`).
public enum Theme {
  LIGHT,
  DARK
}
