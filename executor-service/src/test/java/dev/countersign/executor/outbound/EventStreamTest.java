package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamTest {

  private static final String STREAM =
      """
      : a comment
      event: message
      id: 1
      data: {"a":
      data: "ä"}

      retry: 10

      data:no blank
      data

      data: never ended
      """;

  @Test
  void anEventIsWholeHoweverItsBytesComeAndItsLinesEnd() {
    for (String end : List.of("\n", "\r\n", "\r")) {
      byte[] bytes = STREAM.replace("\n", end).getBytes(StandardCharsets.UTF_8);
      for (int piece : new int[] {1, 2, 3, 7, bytes.length}) {
        EventStream stream = new EventStream();
        List<String> events = new ArrayList<>();
        for (int from = 0; from < bytes.length; from += piece) {
          int to = Math.min(bytes.length, from + piece);
          events.addAll(stream.take(java.util.Arrays.copyOfRange(bytes, from, to)));
        }
        assertEquals(List.of("{\"a\":\n\"ä\"}", "no blank\n"), events);
      }
    }
  }
}
