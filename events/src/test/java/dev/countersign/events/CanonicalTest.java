package dev.countersign.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.DoubleNode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The vectors of RFC 8785.
class CanonicalTest {

  private static String canonical(String json) {
    return Canonical.text(EventJson.readTree(json.getBytes(StandardCharsets.UTF_8)));
  }

  /// Appendix B: the bits of an IEEE 754 double, and how it is written.
  @ParameterizedTest
  @CsvSource({
    "0000000000000000,0",
    "8000000000000000,0",
    "0000000000000001,5e-324",
    "8000000000000001,-5e-324",
    "7fefffffffffffff,1.7976931348623157e+308",
    "ffefffffffffffff,-1.7976931348623157e+308",
    "4340000000000000,9007199254740992",
    "c340000000000000,-9007199254740992",
    "4430000000000000,295147905179352830000",
    "44b52d02c7e14af5,9.999999999999997e+22",
    "44b52d02c7e14af6,1e+23",
    "44b52d02c7e14af7,1.0000000000000001e+23",
    "444b1ae4d6e2ef4e,999999999999999700000",
    "444b1ae4d6e2ef4f,999999999999999900000",
    "444b1ae4d6e2ef50,1e+21",
    "3eb0c6f7a0b5ed8c,9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d,0.000001",
    "41b3de4355555553,333333333.3333332",
    "41b3de4355555554,333333333.33333325",
    "41b3de4355555555,333333333.3333333",
    "41b3de4355555556,333333333.3333334",
    "41b3de4355555557,333333333.33333343",
    "becbf647612f3696,-0.0000033333333333333333",
    "43143ff3c1cb0959,1424953923781206.2",
  })
  void numbersAreWrittenAsEcmaScriptDoes(String bits, String written) {
    double value = Double.longBitsToDouble(HexFormat.fromHexDigitsToLong(bits));
    assertEquals(written, Canonical.text(DoubleNode.valueOf(value)));
  }

  /// §3.2.2.
  @Test
  void literalsNumbersAndStringsHaveOneSpelling() {
    assertEquals(
        "{\"literals\":[null,true,false],"
            + "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
            + "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
        canonical(
            "{ \"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3,"
                + " 0.000000000000000000000000001],"
                + " \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
                + " \"literals\": [null, true, false] }"));
  }

  /// §3.2.3: by UTF-16 code units, so an emoji's surrogates come before U+FB33.
  @Test
  void membersAreSortedByUtf16() {
    assertEquals(
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
            + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
            + "\"\uD83D\uDE00\":\"Emoji: Grinning Face\","
            + "\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}",
        canonical(
            "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
                + "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\","
                + "\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
                + "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}"));
  }

  /// §3.2.2.2: what must be escaped has its shortest escape, in lower case; nothing else is.
  @Test
  void escapesAreTheShortest() {
    assertEquals(
        "\"\\b\\t\\n\\f\\r\\\"\\\\\\u0000\\u001f/\u007f\u2028\u2029\"",
        canonical(
            "\"\\u0008\\u0009\\u000a\\u000c\\u000d\\u0022\\u005c\\u0000\\u001F\\/"
                + "\\u007f\\u2028\\u2029\""));
  }

  @Test
  void sortingGoesDownToTheLastObject() {
    assertEquals(
        "{\"a\":[{\"x\":1,\"y\":{\"a\":[],\"b\":{}}}],\"b\":\"\"}",
        canonical("{\"b\":\"\",\"a\":[{\"y\":{\"b\":{},\"a\":[]},\"x\":1}]}"));
  }

  /// §3.2.2.2 and §3.2.2.3: each would have the form of another value, of a `?` or of a text.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\ud800",
        "\\udc00",
        "\\udc00\\ud800",
        "\\ud800\\ud83d\\ude80",
        "z\\u00fcri\\ud83d",
      })
  void aLoneSurrogateHasNoForm(String text) {
    for (String json : List.of("\"%s\"", "[\"%s\"]", "{\"%s\":1}", "{\"a\":{\"b\":\"%s\"}}")) {
      assertThrows(IllegalArgumentException.class, () -> canonical(json.formatted(text)));
    }
  }

  @Test
  void aNumberThatNoDoubleHoldsHasNoForm() {
    for (String number : List.of("1e999", "-1e999", "1e309", "9".repeat(400))) {
      for (String json : List.of("%s", "[%s]", "{\"a\":{\"b\":%s}}")) {
        assertThrows(IllegalArgumentException.class, () -> canonical(json.formatted(number)));
      }
    }
    for (double none : List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)) {
      assertThrows(IllegalArgumentException.class, () -> Canonical.text(DoubleNode.valueOf(none)));
    }
    assertEquals("\"Infinity\"", canonical("\"Infinity\""));
  }
}
