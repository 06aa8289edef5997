package dev.countersign.witness;

import dev.countersign.tlog.Checkpoint;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/// What was cosigned and refused since the start, in Prometheus' words.
final class Tally {

  private final Map<Reason, LongAdder> refused = new EnumMap<>(Reason.class);
  private final Map<String, LongAdder> cosigned = new ConcurrentSkipListMap<>();
  private final Map<String, Long> sizes = new ConcurrentSkipListMap<>();

  Tally() {
    for (Reason reason : Reason.values()) {
      refused.put(reason, new LongAdder());
    }
  }

  /// That this was cosigned, now or before the start.
  void holds(Checkpoint checkpoint) {
    sizes.merge(checkpoint.origin(), checkpoint.size(), Math::max);
    cosigned.computeIfAbsent(checkpoint.origin(), _ -> new LongAdder());
  }

  void cosigned(Checkpoint checkpoint) {
    holds(checkpoint);
    cosigned.computeIfAbsent(checkpoint.origin(), _ -> new LongAdder()).increment();
  }

  void refused(Reason reason) {
    refused.computeIfAbsent(reason, _ -> new LongAdder()).increment();
  }

  String text() {
    StringBuilder text = new StringBuilder();
    head(text, "cosigned_total", "counter", "Checkpoints cosigned since the start.");
    cosigned.forEach(
        (origin, count) -> line(text, "cosigned_total", "origin", origin, count.sum()));
    head(text, "refused_total", "counter", "Checkpoints refused since the start.");
    refused.forEach(
        (reason, count) -> line(text, "refused_total", "reason", reason.word(), count.sum()));
    head(text, "size", "gauge", "Entries of the log, as cosigned last.");
    sizes.forEach((origin, size) -> line(text, "size", "origin", origin, size));
    return text.toString();
  }

  private static void head(StringBuilder text, String name, String type, String help) {
    text.append("# HELP countersign_witness_%s %s\n".formatted(name, help));
    text.append("# TYPE countersign_witness_%s %s\n".formatted(name, type));
  }

  private static void line(StringBuilder text, String name, String label, String value, long n) {
    String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    text.append("countersign_witness_%s{%s=\"%s\"} %d\n".formatted(name, label, escaped, n));
  }
}
