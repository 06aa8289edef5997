package dev.countersign.audit.inbound;

import dev.countersign.audit.inbound.PdfFonts.Face;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.PDPageContentStream.AppendMode;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.jspecify.annotations.Nullable;

/// Sets text on pages of A4, from the top down.
final class PdfSheet implements AutoCloseable {

  static final Color INK = new Color(0x13202c);
  static final Color SOFT = new Color(0x54636f);
  static final Color BRAND = new Color(0x0c4472);
  static final Color ALARM = new Color(0x8c1c2c);
  private static final Color ALARM_GROUND = new Color(0xfbe9eb);
  private static final Color GOOD = new Color(0x14573a);
  private static final Color GOOD_GROUND = new Color(0xe8f3ec);
  private static final Color FENCE = new Color(0xb3a27f);
  private static final Color FENCE_GROUND = new Color(0xf6f3ee);
  private static final Color LINE = new Color(0xd9dfe5);

  private static final float MARGIN = 56;
  private static final float FOOT = 64;
  private static final float WIDTH = PDRectangle.A4.getWidth() - 2 * MARGIN;
  private static final float LABEL = 128;
  private static final float LEADING = 1.42f;
  private static final float SIZE = 9.5f;
  private static final float SMALL = 8;

  /// A ground and a bar beside it.
  private record Band(Color ground, Color bar) {}

  private final PDDocument document = new PDDocument();
  private final PdfFonts fonts;
  private final List<PDPage> pages = new ArrayList<>();
  private @Nullable PDPageContentStream out;
  private float y;

  PdfSheet() throws IOException {
    fonts = new PdfFonts(document);
    turn();
  }

  PDDocument document() {
    return document;
  }

  /// The next page.
  void turn() throws IOException {
    if (out != null) {
      out.close();
    }
    PDPage page = new PDPage(PDRectangle.A4);
    document.addPage(page);
    pages.add(page);
    out = new PDPageContentStream(document, page);
    y = PDRectangle.A4.getHeight() - MARGIN;
  }

  void title(String text) throws IOException {
    lines(text, Face.BOLD, 18, INK, 0, WIDTH, null);
    y -= 4;
  }

  /// A heading, which never stands last on its page.
  void heading(String text) throws IOException {
    if (y < FOOT + 70) {
      turn();
    }
    y -= 10;
    rule();
    lines(text, Face.BOLD, 12, BRAND, 0, WIDTH, null);
    y -= 3;
  }

  void subheading(String text) throws IOException {
    if (y < FOOT + 40) {
      turn();
    }
    y -= 5;
    lines(text, Face.BOLD, SIZE, INK, 0, WIDTH, null);
  }

  void lead(String text) throws IOException {
    lines(text, Face.PLAIN, 12.5f, INK, 0, WIDTH, null);
    y -= 4;
  }

  void text(String text) throws IOException {
    lines(text, Face.PLAIN, SIZE, INK, 0, WIDTH, null);
    y -= 3;
  }

  void small(String text) throws IOException {
    lines(text, Face.PLAIN, SMALL, SOFT, 0, WIDTH, null);
    y -= 3;
  }

  /// Letter by letter.
  void mono(String text) throws IOException {
    lines(text, Face.MONO, SMALL, INK, 0, WIDTH, null);
    y -= 3;
  }

  void good(String text) throws IOException {
    y -= 4;
    lines(text, Face.BOLD, SIZE, GOOD, 12, WIDTH - 24, new Band(GOOD_GROUND, GOOD));
    y -= 6;
  }

  void alarm(String text) throws IOException {
    y -= 4;
    lines(text, Face.BOLD, 11, ALARM, 12, WIDTH - 24, new Band(ALARM_GROUND, ALARM));
    y -= 6;
  }

  /// Somebody's own words, which nothing vouches for.
  void fenced(String label, String words) throws IOException {
    Band fence = new Band(FENCE_GROUND, FENCE);
    lines(label, Face.BOLD, SMALL, SOFT, 12, WIDTH - 24, fence);
    lines(words, Face.PLAIN, SIZE, INK, 12, WIDTH - 24, fence);
    y -= 5;
  }

  /// What is called how; nothing where there is nothing.
  void fact(String label, @Nullable String value) throws IOException {
    fact(label, value, Face.PLAIN);
  }

  /// A digest, a key, an id.
  void code(String label, @Nullable String value) throws IOException {
    fact(label, value, Face.MONO);
  }

  private void fact(String label, @Nullable String value, Face face) throws IOException {
    if (value == null || value.isEmpty()) {
      return;
    }
    float size = face == Face.MONO ? SMALL : SIZE;
    List<String> labelLines = fonts.lines(label, Face.PLAIN, SMALL, LABEL - 8);
    List<String> valueLines = fonts.lines(value, face, size, WIDTH - LABEL);
    for (int i = 0; i < Math.max(labelLines.size(), valueLines.size()); i++) {
      float line = room(SIZE);
      if (i < labelLines.size()) {
        set(labelLines.get(i), Face.PLAIN, SMALL, SOFT, MARGIN, line);
      }
      if (i < valueLines.size()) {
        set(valueLines.get(i), face, size, INK, MARGIN + LABEL, line);
      }
    }
    y -= 1.5f;
  }

  private void lines(
      String text,
      Face face,
      float size,
      Color color,
      float indent,
      float width,
      @Nullable Band band)
      throws IOException {
    for (String line : fonts.lines(text, face, size, width)) {
      float base = room(size);
      if (band != null) {
        float bottom = base - size * 0.42f;
        fill(band.ground, MARGIN, bottom, WIDTH, size * LEADING);
        fill(band.bar, MARGIN, bottom, 3, size * LEADING);
      }
      set(line, face, size, color, MARGIN + indent, base);
    }
  }

  /// The base line of the next line, on the next page where this one is full.
  private float room(float size) throws IOException {
    if (y - size * LEADING < FOOT) {
      turn();
    }
    y -= size * LEADING;
    return y + size * 0.42f;
  }

  private void set(String line, Face face, float size, Color color, float x, float base)
      throws IOException {
    if (!line.isEmpty()) {
      write(current(), line, face, size, color, x, base);
    }
  }

  private void write(
      PDPageContentStream to, String line, Face face, float size, Color color, float x, float base)
      throws IOException {
    to.beginText();
    to.setFont(fonts.font(face), size);
    to.setNonStrokingColor(color);
    to.newLineAtOffset(x, base);
    to.showText(line);
    to.endText();
  }

  private void rule() throws IOException {
    fill(LINE, MARGIN, y, WIDTH, 0.75f);
    y -= 8;
  }

  private void fill(Color color, float x, float bottom, float width, float height)
      throws IOException {
    PDPageContentStream to = current();
    to.setNonStrokingColor(color);
    to.addRect(x, bottom, width, height);
    to.fill();
  }

  private PDPageContentStream current() {
    if (out == null) {
      throw new IllegalStateException("the sheet is finished");
    }
    return out;
  }

  /// What a page's foot says, by its number and how many there are.
  @FunctionalInterface
  interface Foot {
    String of(int page, int pages);
  }

  /// The document, each page with its foot.
  byte[] finish(Foot foot) throws IOException {
    current().close();
    out = null;
    for (int i = 0; i < pages.size(); i++) {
      try (PDPageContentStream below =
          new PDPageContentStream(document, pages.get(i), AppendMode.APPEND, true, true)) {
        String line = fonts.shown(Face.PLAIN, foot.of(i + 1, pages.size()));
        write(below, line, Face.PLAIN, 7.5f, SOFT, MARGIN, FOOT - 28);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    document.save(bytes);
    return bytes.toByteArray();
  }

  @Override
  public void close() throws IOException {
    document.close();
    fonts.close();
  }
}
