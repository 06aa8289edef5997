package dev.countersign.config;

/// A file's content that is in force.
///
/// @param version `sha256:` and the hex digest of its bytes
/// @param text the whole file
public record Loaded<T>(T value, String version, String file, String text, Located located) {

  /// Says where in this file something is wrong, as `file:line: sentence`; for what shows only when
  /// two files are put together.
  public String problemAt(BadValue bad) {
    return file + ":" + located.line(bad.pointer()) + ": " + bad.sentence();
  }
}
