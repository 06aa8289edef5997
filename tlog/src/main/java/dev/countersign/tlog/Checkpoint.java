package dev.countersign.tlog;

import java.util.List;

/// What a log says of itself: its name, size and root (C2SP tlog-checkpoint).
///
/// @param origin the log's name, which is also its key's
/// @param extensions further lines, opaque; ours have none
public record Checkpoint(String origin, long size, Hash root, List<String> extensions) {

  public Checkpoint {
    if (origin.isEmpty() || origin.contains("\n") || size < 0) {
      throw new IllegalArgumentException("no checkpoint");
    }
    extensions = List.copyOf(extensions);
  }

  public Checkpoint(String origin, long size, Hash root) {
    this(origin, size, root, List.of());
  }

  /// Reads the text of a note. Throws `IllegalArgumentException` with a sentence where it is none.
  public static Checkpoint read(String text) {
    List<String> lines = List.of(text.split("\n", -1));
    // The last one is what follows the last line's end: nothing.
    if (lines.size() < 4 || !lines.getLast().isEmpty()) {
      throw new IllegalArgumentException("a checkpoint is a name, a size and a root, a line each");
    }
    String size = lines.get(1);
    if (!size.matches("0|[1-9][0-9]{0,18}")) {
      throw new IllegalArgumentException("a checkpoint's size is a decimal number");
    }
    List<String> extensions = lines.subList(3, lines.size() - 1);
    if (extensions.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("a checkpoint has no empty line");
    }
    return new Checkpoint(
        lines.getFirst(), Long.parseLong(size), Hash.ofBase64(lines.get(2)), extensions);
  }

  /// As it is signed.
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(origin).append('\n').append(size).append('\n').append(root.base64()).append('\n');
    extensions.forEach(each -> text.append(each).append('\n'));
    return text.toString();
  }
}
