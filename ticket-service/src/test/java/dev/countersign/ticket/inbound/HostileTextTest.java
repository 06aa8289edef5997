package dev.countersign.ticket.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.ticket.application.Lookalikes;
import java.io.IOException;
import java.io.InputStream;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// A corpus of what an agent may write to make a page say something else.
class HostileTextTest {

  private static final Pattern OURS =
      Pattern.compile(
          "<mark class=\"(point|mixed)\">|</mark>|<span class=\"hint\">|</span>"
              + "|<details class=\"rest\"><summary>|</summary>|</details>");
  private static final Pattern POINT =
      Pattern.compile("<mark class=\"point\">U\\+([0-9A-F]{4,6})(?: ×([0-9]+))?</mark>");
  private static final Pattern HINT = Pattern.compile(" <span class=\"hint\">\\([^<]*\\)</span>");
  private static final Pattern FOLD =
      Pattern.compile("<details class=\"rest\"><summary>[^<]*</summary>|</details>");

  private static final Visible GERMAN =
      Visible.in(new German(), Locale.GERMAN, Lookalikes.of(List.of("ACME GmbH", "billing-bot")));

  private record Hostile(String what, String text, List<String> shows) {}

  @Test
  void nothingHidesAndNothingIsMarkup() throws IOException {
    List<Hostile> corpus = corpus();
    assertTrue(corpus.size() >= 60, "the corpus is " + corpus.size());
    for (Hostile each : corpus) {
      for (String html : shown(each.text())) {
        String rest = OURS.matcher(html).replaceAll("");
        assertFalse(rest.contains("<") || rest.contains(">"), each.what() + ": " + html);
        assertFalse(rest.contains("\"") || rest.contains("'"), each.what() + ": " + html);
        rest.codePoints()
            .forEach(c -> assertTrue(isSeen(c), each.what() + ": %04X in ".formatted(c) + html));
      }
      String html = Visible.PLAIN.foldedLines(each.text()).getValue();
      for (String shows : each.shows()) {
        assertTrue(html.contains(shows), each.what() + ": " + shows + " in " + html);
      }
    }
  }

  /// Whatever is shown, a reader can tell what was written: every character is there, in its place.
  @Test
  void nothingIsLost() throws IOException {
    for (Hostile each : corpus()) {
      for (String html : shown(each.text())) {
        assertEquals(nfc(each.text()), nfc(read(html)), each.what());
      }
    }
  }

  private static String nfc(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }

  /// Normalised, they would stand there as what they only seem to be.
  @Test
  void whatNormalisingMakesAnotherOfIsShownAsItIs() {
    for (int c : new int[] {0x212A, 0x2126, 0x212B, 0x037E, 0x1FEF, 0x2000, 0xF900, 0x2F800}) {
      String written = "BAN" + Character.toString(c) + " e\u0301";
      String html = Visible.line(written).getValue();
      assertTrue(html.contains("<mark class=\"point\">U+%04X</mark>".formatted(c)), html);
      assertTrue(html.endsWith(" \u00E9"), html);
    }
  }

  @Test
  void wordsOfSeveralAlphabetsAreMarked() {
    for (String mixed :
        List.of("Z\u0585ho", "\u13AACME", "1\u09E60", "p\u0430y", "p\u03B1y", "\u2C9DAY")) {
      assertTrue(Visible.line(mixed).getValue().contains("mixed alphabets"), mixed);
    }
    for (String innocent :
        List.of(
            "M\u00FCller4711",
            "\u6771\u4EAC\u30BF\u30EF\u30FCtower",
            "\uC11C\uC6B8\u7279\u5225",
            "\u043F\u0440\u0438\u043C\u0435\u0440",
            "\u0928\u092E\u0938\u094D\u0924\u0947",
            "\u09E7\u09E8")) {
      assertEquals(innocent, Visible.line(innocent).getValue());
    }
    // A letter with its mark, which has no other spelling after NFC and looks as it did.
    assertEquals("\u09AF\u09BC\u09BE", Visible.line("\u09DF\u09BE").getValue());
    assertEquals("\u091C\u093C", Visible.line("\u095B").getValue());
  }

  @Test
  void marksDoNotPileUp() throws IOException {
    for (Hostile each : corpus()) {
      String seen = OURS.matcher(Visible.lines(each.text()).getValue()).replaceAll("");
      assertFalse(Pattern.compile("\\p{M}{5}").matcher(seen).find(), each.what() + ": " + seen);
      assertFalse(Pattern.compile("^\\p{M}").matcher(seen).find(), each.what() + ": " + seen);
    }
  }

  @Test
  void whatIsCutSaysSo() throws IOException {
    for (Hostile each : corpus()) {
      String cut = Visible.PLAIN.cut(each.text(), 48).getValue();
      assertEquals(Visible.isCut(each.text(), 48), cut.endsWith("…"), each.what());
    }
    assertTrue(
        GERMAN.folded("A".repeat(3_000)).getValue().contains("… noch 2.720 Zeichen"),
        "in the reader's language");
  }

  @Test
  void aWordThatOnlyLooksLikeAKnownOneIsMarked() {
    assertTrue(
        GERMAN.one("\u0410\u0421\u041C\u0415 GmbH").getValue().contains("sieht aus wie ACME"));
    assertTrue(GERMAN.one("for biIIing").getValue().contains("sieht aus wie billing"));
    for (String innocent : new String[] {"ACME GmbH", "billing-bot", "Rechnung 4711", "GmbH"}) {
      assertEquals(innocent, GERMAN.one(innocent).getValue());
    }
  }

  private static List<String> shown(String text) {
    return List.of(
        Visible.line(text).getValue(),
        Visible.lines(text).getValue(),
        GERMAN.folded(text).getValue(),
        GERMAN.foldedLines(text).getValue());
  }

  private static boolean isSeen(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c == '\n';
      case Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  private static String read(String html) {
    String text = FOLD.matcher(HINT.matcher(html).replaceAll("")).replaceAll("");
    text =
        POINT
            .matcher(text)
            .replaceAll((MatchResult point) ->
                java.util.regex.Matcher.quoteReplacement(
                    Character.toString(Integer.parseInt(point.group(1), 16))
                        .repeat(point.group(2) == null ? 1 : Integer.parseInt(point.group(2)))));
    return text.replace("<mark class=\"mixed\">", "")
        .replace("</mark>", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  private static List<Hostile> corpus() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(HostileTextTest.class.getResourceAsStream("/hostile.json"))) {
      List<Hostile> corpus = new ArrayList<>();
      for (JsonNode each : new ObjectMapper().readTree(file)) {
        List<String> shows = new ArrayList<>();
        each.path("shows").forEach(it -> shows.add(it.textValue()));
        corpus.add(
            new Hostile(each.path("what").textValue(), each.path("text").textValue(), shows));
      }
      return corpus;
    }
  }

  private static final class German implements VisibleWords {
    @Override
    public String mixed() {
      return "gemischte Alphabete";
    }

    @Override
    public String alike(String word) {
      return "sieht aus wie " + word + ", ist es aber nicht";
    }

    @Override
    public String more(String count) {
      return "… noch " + count + " Zeichen";
    }
  }
}
