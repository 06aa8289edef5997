package dev.countersign.audit.application;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// In which spellings a period is exported (docs/export.md).
public enum ExportFormat {
  /// All that the log has of each entry.
  JSONL("jsonl", "application/jsonl; charset=utf-8"),
  /// A table for people (RFC 4180).
  CSV("csv", "text/csv; charset=utf-8; header=present"),
  /// Events of the Open Cybersecurity Schema Framework, for a SIEM.
  OCSF("ocsf", "application/jsonl; charset=utf-8");

  private final String word;
  private final String mediaType;

  ExportFormat(String word, String mediaType) {
    this.word = word;
    this.mediaType = mediaType;
  }

  /// As it stands in an address.
  public String word() {
    return word;
  }

  public String mediaType() {
    return mediaType;
  }

  /// Whether the last line has the checkpoint that covers the period.
  public boolean hasCheckpoint() {
    return this != CSV;
  }

  /// The format of this word; empty where there is none.
  public static Optional<ExportFormat> of(@Nullable String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }
}
