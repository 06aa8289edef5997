package dev.countersign.launcher;

import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/// The log of the broker's and the mail sink's process: warnings and worse, one line each.
public final class QuietLog {

  public QuietLog() {
    System.setProperty(
        "java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL %4$-7s [%3$s] %5$s%6$s%n");
    Logger root = LogManager.getLogManager().getLogger("");
    root.setLevel(Level.WARNING);
    root.addHandler(new ConsoleHandler());
  }
}
