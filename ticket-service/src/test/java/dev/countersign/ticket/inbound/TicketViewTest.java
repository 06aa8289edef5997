package dev.countersign.ticket.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.events.EventJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TicketViewTest {

  @Test
  void aNumberOfTheParametersStandsThereInAllItsDigits() {
    String json = "[48200000.5, {\"a\": 1e-4}, 1e20, 5]";
    assertEquals(
        "[48200000.5,{\"a\":0.0001},100000000000000000000,5]",
        TicketView.pretty(EventJson.readTree(json.getBytes(StandardCharsets.UTF_8)))
            .replaceAll("\\s", ""));
  }
}
