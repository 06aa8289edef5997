package dev.countersign.tlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/// A text with signatures under it (C2SP signed-note).
///
/// @param text what is signed; ends in a line's end
public record Note(String text, List<Signature> signatures) {

  private static final String DASH = "\u2014 ";
  private static final int LONGEST = 1_000_000;
  private static final int MOST_SIGNATURES = 100;

  /// One signature line. Whose it is says the name together with the first four bytes.
  ///
  /// @param bytes the key's id in four bytes, and what it signed with
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  public record Signature(String name, byte[] bytes) {

    public Signature {
      if (!isName(name) || bytes.length < 5) {
        throw new IllegalArgumentException("no signature of a note");
      }
    }

    /// The key's id.
    public int keyId() {
      return ByteBuffer.wrap(bytes).getInt();
    }

    /// As it stands under a note, with its line's end.
    public String line() {
      return DASH + name + " " + Base64.getEncoder().encodeToString(bytes) + "\n";
    }

    /// Reads one line, without its end. Throws `IllegalArgumentException` where it is none.
    public static Signature read(String line) {
      int space = line.indexOf(' ', DASH.length());
      if (!line.startsWith(DASH) || space < 0) {
        throw new IllegalArgumentException("no signature line of a note");
      }
      return new Signature(
          line.substring(DASH.length(), space),
          Base64.getDecoder().decode(line.substring(space + 1)));
    }
  }

  public Note {
    if (!text.endsWith("\n") || text.chars().anyMatch(Note::isControl)) {
      throw new IllegalArgumentException("a note's text is of lines, each with its end");
    }
    signatures = List.copyOf(signatures);
  }

  private static boolean isControl(int character) {
    return character < ' ' && character != '\n';
  }

  /// Whether a key may have this name: not empty, no space, no plus.
  static boolean isName(String name) {
    return !name.isEmpty()
        && name.indexOf('+') < 0
        && name.codePoints().noneMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c));
  }

  /// Reads a signed note. Throws `IllegalArgumentException` with a sentence where it is none.
  public static Note read(byte[] bytes) {
    if (bytes.length > LONGEST) {
      throw new IllegalArgumentException("the note is longer than " + LONGEST + " bytes");
    }
    String note;
    try {
      note = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("the note is not UTF-8", e);
    }
    int blank = note.lastIndexOf("\n\n");
    if (blank < 0 || !note.endsWith("\n") || blank + 2 >= note.length()) {
      throw new IllegalArgumentException("the note has no signature");
    }
    List<Signature> signatures = new ArrayList<>();
    String lines = note.substring(blank + 2, note.length() - 1);
    for (String line : lines.split("\n", -1)) {
      signatures.add(Signature.read(line));
      if (signatures.size() > MOST_SIGNATURES) {
        throw new IllegalArgumentException("the note has more than 100 signatures");
      }
    }
    return new Note(note.substring(0, blank + 1), signatures);
  }

  /// The same note with one more signature.
  public Note with(Signature signature) {
    List<Signature> more = new ArrayList<>(signatures);
    more.add(signature);
    return new Note(text, more);
  }

  /// As it is sent and stored.
  @Override
  public String toString() {
    StringBuilder note = new StringBuilder(text).append('\n');
    signatures.forEach(each -> note.append(each.line()));
    return note.toString();
  }

  /// As it is sent and stored.
  public byte[] bytes() {
    return toString().getBytes(UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Note note && toString().equals(note.toString());
  }

  @Override
  public int hashCode() {
    return Objects.hash(text);
  }
}
