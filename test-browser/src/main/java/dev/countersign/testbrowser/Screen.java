package dev.countersign.testbrowser;

/// What a person looks at, in CSS pixels.
public enum Screen {
  /// The narrowest that pages must fit (WCAG 2.2, 1.4.10).
  NARROW(320, 640, true),
  PHONE(390, 844, true),
  DESK(1280, 900, false);

  final int width;
  final int height;
  final boolean touch;

  Screen(int width, int height, boolean touch) {
    this.width = width;
    this.height = height;
    this.touch = touch;
  }
}
