package dev.countersign.config;

/// Thrown by the function that reads a file's content where a value passes the schema and is no
/// good all the same. {@link OperatorFile} turns its JSON Pointer (RFC 6901) into a line.
public final class BadValue extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String pointer;

  /// @param pointer where it stands, as in `/rules/3/when`; the empty string is the whole file
  /// @param sentence what is wrong and what to write instead
  public BadValue(String pointer, String sentence) {
    super(sentence);
    this.pointer = pointer;
  }

  public String pointer() {
    return pointer;
  }

  public String sentence() {
    return String.valueOf(getMessage());
  }
}
