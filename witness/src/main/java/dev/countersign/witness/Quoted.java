package dev.countersign.witness;

/// Others' words in a log: between quotes, on one line, of bounded length, with nothing that hides.
final class Quoted {

  private static final int LONGEST = 200;

  private Quoted() {}

  static String text(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .limit(LONGEST)
        .forEach(character -> {
          if (character < ' ' || character > '~' || character == '"' || character == '\\') {
            quoted.append("\\u%04x".formatted(character));
          } else {
            quoted.append((char) character);
          }
        });
    return quoted.append(text.length() > LONGEST ? "…\"" : "\"").toString();
  }
}
