package dev.countersign.executor.outbound;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Server-sent events (WHATWG HTML §9.2.6), as far as their data goes. Fed with bytes as they come;
/// lines end with CR, LF or both.
final class EventStream {

  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final StringBuilder data = new StringBuilder();
  private boolean hasData;
  private boolean afterCr;

  /// The data of each event that these bytes complete.
  List<String> take(byte[] bytes) {
    List<String> events = new ArrayList<>();
    for (byte each : bytes) {
      if (each == '\n' && afterCr) {
        afterCr = false;
        continue;
      }
      afterCr = each == '\r';
      if (each == '\r' || each == '\n') {
        end(line.toString(StandardCharsets.UTF_8), events);
        line.reset();
      } else {
        line.write(each);
      }
    }
    return events;
  }

  private void end(String text, List<String> events) {
    if (text.isEmpty()) {
      if (hasData) {
        events.add(data.toString());
      }
      data.setLength(0);
      hasData = false;
    } else if (text.equals("data") || text.startsWith("data:")) {
      if (hasData) {
        data.append('\n');
      }
      hasData = true;
      String value = text.length() > 5 ? text.substring(5) : "";
      data.append(value.startsWith(" ") ? value.substring(1) : value);
    }
  }
}
