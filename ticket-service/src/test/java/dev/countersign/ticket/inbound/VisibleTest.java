package dev.countersign.ticket.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class VisibleTest {

  @Test
  void nothingHides() {
    int[] hidden = {
      0x00, 0x07, 0x1B, 0x7F, 0x85, 0xA0, 0xAD, 0x034F, 0x061C, 0x115F, 0x180E, 0x200B, 0x200D,
      0x200E, 0x2028, 0x202A, 0x202E, 0x2060, 0x2066, 0x2069, 0x2800, 0x3164, 0xFE0F, 0xFEFF,
      0xFFF9, 0xE000, 0xE0041, 0xE0100
    };
    for (int c : hidden) {
      String shown = Visible.line("a" + Character.toString(c) + "b").getValue();
      assertTrue(shown.contains("U+%04X".formatted(c)), Integer.toHexString(c));
      assertFalse(shown.contains(Character.toString(c)), Integer.toHexString(c));
    }
  }

  @Test
  void whatPeopleWriteStaysAsItIs() {
    for (String plain :
        new String[] {
          "Zürich, 48.200,00 €", "Ελληνικά", "Привет, мир", "東京 支払い", "مرحبا", "naïve 👍"
        }) {
      assertEquals(plain, Visible.line(plain).getValue());
    }
  }

  @Test
  void markupIsText() {
    assertEquals("&lt;b&gt;&amp;&quot;&#39;", Visible.line("<b>&\"'").getValue());
  }

  @Test
  void aWordOfMixedAlphabetsIsMarked() {
    assertTrue(Visible.line("p\u0430ypal").getValue().contains("(mixed alphabets)"));
    assertTrue(Visible.line("\u0391CME").getValue().contains("(mixed alphabets)"));
    assertFalse(Visible.line("ACME и АКМЕ").getValue().contains("(mixed alphabets)"));
  }

  @Test
  void aBlankAtEitherEndIsSeenWhereTheLineIsFoldedToo() {
    String folded = Visible.PLAIN.folded(" " + "a".repeat(Visible.LONGEST) + "  ").toString();
    assertTrue(folded.startsWith("<mark class=\"point\">U+0020"), folded);
    assertEquals(2, folded.split("U\\+0020", -1).length - 1, folded);
    String within = "a".repeat(Visible.LONGEST - 1) + " " + "b".repeat(9);
    assertFalse(Visible.PLAIN.folded(within).toString().contains("U+0020"));
  }

  @Test
  void onlyWhereLinesAreKeptALineEnds() {
    assertEquals("a\nb", Visible.lines("a\nb").getValue());
    assertTrue(Visible.line("a\nb").getValue().contains("U+000A"));
  }
}
