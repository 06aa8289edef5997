package dev.countersign.ticket.domain;

import dev.countersign.events.Digest;
import java.nio.charset.StandardCharsets;

/// Names that strangers choose, as rows are found by them.
public final class Names {

  private static final int LONGEST = 200;
  private static final int BEGINNING = 100;

  private Names() {}

  /// The name as it is where it has at most 200 characters, else its beginning and its digest. A
  /// proposal may bring one of 64 KiB, and no index bears that. PostgreSQL's text holds every
  /// character but U+0000, which is written out.
  public static String indexed(String name) {
    String clean = name.replace("\0", "U+0000");
    return clean.length() <= LONGEST
        ? clean
        : clean.substring(0, clean.offsetByCodePoints(0, BEGINNING))
            + "…"
            + Digest.of(name.getBytes(StandardCharsets.UTF_8));
  }
}
