package dev.countersign.policy.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.events.EventJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValuesTest {

  @ParameterizedTest
  @CsvSource({
    "1e7, 10000000",
    "10000000.0, 10000000",
    "12345678.9, 12345678.9",
    "1.0, 1",
    "0.00001, 0.00001",
    "-2.5e-7, -0.00000025",
    "9007199254740991, 9007199254740991",
    "'[1e7, 0.5]', '10000000, 0.5'",
  })
  void aNumberIsShownInAllItsDigits(String json, String shown) throws NotEvaluable {
    assertEquals(shown, shown(json));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ["a@x", "b@y"]     | a@x, b@y
          ["a@x, b@y"]       | "a@x, b@y"
          ["1,000", "-"]     | 1,000, -
          ["\\"a", "b\\""]   | "\\"a", "b\\""
          [["a", "b"], "c"]  | [a, b], c
          ["", "a ", "b  c"] | "", "a ", "b  c"
          ["[a", "b]", "c"]  | "[a", "b]", c
          """)
  void anElementOfAListIsNotTakenForSeveral(String json, String shown) throws NotEvaluable {
    assertEquals(shown, shown(json));
  }

  private static String shown(String json) throws NotEvaluable {
    return Values.toText(Values.of(EventJson.readTree(json.getBytes(StandardCharsets.UTF_8))));
  }
}
