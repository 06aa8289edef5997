package dev.countersign.audit.inbound;

import dev.countersign.events.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.fontbox.ttf.CmapLookup;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.font.PDType0Font;

/// DejaVu, embedded in one document: a PDF shows the same on every machine. What it has no letter
/// for stands there as a code point.
final class PdfFonts implements AutoCloseable {

  /// How a text is set.
  enum Face {
    PLAIN("DejaVuSans.ttf"),
    BOLD("DejaVuSans-Bold.ttf"),
    /// For what is compared letter by letter.
    MONO("DejaVuSansMono.ttf");

    private final String file;

    Face(String file) {
      this.file = file;
    }
  }

  private record Loaded(TrueTypeFont file, PDType0Font font, CmapLookup letters) {}

  private static final String FOLDER = "/net/sf/jasperreports/fonts/dejavu/";

  private final Map<Face, Loaded> faces = new EnumMap<>(Face.class);

  PdfFonts(PDDocument document) throws IOException {
    for (Face each : Face.values()) {
      try (InputStream bytes =
          Objects.requireNonNull(PdfFonts.class.getResourceAsStream(FOLDER + each.file))) {
        TrueTypeFont file = new TTFParser().parse(new RandomAccessReadBuffer(bytes));
        // Only the letters that are used are embedded.
        PDType0Font font = PDType0Font.load(document, file, true);
        faces.put(each, new Loaded(file, font, file.getUnicodeCmapLookup()));
      }
    }
  }

  PDType0Font font(Face face) {
    return loaded(face).font;
  }

  private Loaded loaded(Face face) {
    return Objects.requireNonNull(faces.get(face));
  }

  /// The text as this face can show it: nothing is dropped and nothing hides.
  String shown(Face face, String text) {
    CmapLookup letters = loaded(face).letters;
    StringBuilder shown = new StringBuilder(text.length());
    Shown.lines(Normalizer.normalize(text, Normalizer.Form.NFC))
        .codePoints()
        .forEach(each -> {
          if (each == '\n' || letters.getGlyphId(each) != 0) {
            shown.appendCodePoint(each);
          } else {
            shown.append(Shown.codePoint(each));
          }
        });
    return shown.toString();
  }

  /// The text as this face can show it, in lines of at most this width in points.
  List<String> lines(String text, Face face, float size, float width) {
    List<String> lines = new ArrayList<>();
    for (String paragraph : shown(face, text).split("\n", -1)) {
      StringBuilder line = new StringBuilder();
      for (String word : paragraph.split("(?<= )", -1)) {
        if (width(face, line + word.stripTrailing(), size) > width && !line.isEmpty()) {
          lines.add(line.toString());
          line.setLength(0);
        }
        line.append(word);
        breakUp(line, lines, face, size, width);
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /// What is longer than a line goes on in the next.
  private void breakUp(StringBuilder line, List<String> lines, Face face, float size, float width) {
    int end = fitting(line, face, size, width);
    while (end < line.toString().stripTrailing().length()) {
      lines.add(line.substring(0, end));
      line.delete(0, end);
      end = fitting(line, face, size, width);
    }
  }

  /// How much of it fits in a line: one character at least.
  private int fitting(StringBuilder line, Face face, float size, float width) {
    int end = 0;
    float taken = 0;
    while (end < line.length()) {
      int next = line.offsetByCodePoints(end, 1);
      taken += width(face, line.substring(end, next), size);
      if (taken > width && end > 0) {
        return end;
      }
      end = next;
    }
    return end;
  }

  /// The width of a text that was made fit by [#shown], in points.
  private float width(Face face, String shown, float size) {
    try {
      return font(face).getStringWidth(shown) / 1000 * size;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// When the document has been saved.
  @Override
  public void close() throws IOException {
    for (Loaded each : faces.values()) {
      each.file.close();
    }
  }
}
