package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.EventJson;
import dev.countersign.executor.domain.Expression;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CelTest {

  private static String value(String expression, String body) throws Expression.NotEvaluable {
    return Cel.compile(expression)
        .value(EventJson.readTree(body.getBytes(StandardCharsets.UTF_8)), 200, null)
        .toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "body.rows > 3 | {\"rows\": 4} | true",
        "body.tags.filter(t, t != 'x') | {\"tags\": [\"a\", \"x\"]} | [\"a\"]",
        "body | {\"a\": [1, 2.5, null, true]} | {\"a\":[1,2.5,null,true]}",
        "[body.a, string(status)] | {\"a\": \"b\"} | [\"b\",\"200\"]",
        "has(body.a) ? 1 : 0 | {} | 0",
        "body.a == null | {\"a\": null} | true",
      })
  void itsValueIsJson(String expression, String body, String value) throws Exception {
    assertEquals(value, value(expression, body));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "body.rows | {} | missing",
        "etag | {} | missing",
        "body.a + 1 | {\"a\": \"x\"} | type",
        "1 / body.a | {\"a\": 0} | zero",
        "body.a / 0.0 | {\"a\": 1.5} | finite",
        "timestamp(body.a) | {\"a\": \"2026-01-01T00:00:00Z\"} | type that JSON",
      })
  void whatHasNoValueSaysWhyAndQuotesNothing(String expression, String body, String why) {
    Expression.NotEvaluable no =
        assertThrows(Expression.NotEvaluable.class, () -> value(expression, body));
    assertTrue(no.why().contains(why), no::why);
  }

  @Test
  void whatRunsLongIsStopped() {
    String many =
        IntStream.range(0, 300).mapToObj(Integer::toString).collect(Collectors.joining(","));
    Expression.NotEvaluable no =
        assertThrows(
            Expression.NotEvaluable.class,
            () -> value("body.all(a, body.all(b, body.all(c, a + b + c >= 0)))", "[" + many + "]"));
    assertTrue(no.why().contains("steps"), no::why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"body.a < ", "'a' < 'b' && body", "1 + 1", "now", "body.map(x, x)[0] +"})
  void whatIsNoExpressionIsNotLoaded(String text) {
    assertThrows(IllegalArgumentException.class, () -> Cel.compile(text));
  }
}
