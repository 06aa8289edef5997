package dev.countersign.executor.outbound;

import com.fasterxml.jackson.core.JsonPointer;
import dev.countersign.executor.domain.Probe;
import dev.countersign.executor.domain.UrlTemplate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Reads of an entry what it rests on.
final class ProbeEntry {

  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(5);

  private ProbeEntry() {}

  static List<Probe> all(Entry entry) {
    Entry list = entry.part("preconditions");
    List<Probe> probes = new ArrayList<>();
    for (int i = 0; i < list.json().size(); i++) {
      probes.add(probe(list.element(i)));
    }
    return probes;
  }

  private static Probe probe(Entry entry) {
    Entry at = entry.part("url");
    return new Probe(
        entry.text("label"),
        at.in(() -> UrlTemplate.of(at.expanded())),
        take(entry),
        entry.in(() -> entry.duration("timeout", TIMEOUT, LONGEST_TIMEOUT)));
  }

  private static Probe.Take take(Entry entry) {
    Entry pointer = entry.part("pointer");
    if (pointer.isThere()) {
      return pointer.in(
          () -> new Probe.Take.Pointer(JsonPointer.compile(pointer.json().textValue())));
    }
    Entry expression = entry.part("expression");
    return expression.isThere()
        ? new Probe.Take.Computed(expression.in(() -> Cel.compile(expression.json().textValue())))
        : new Probe.Take.Etag(entry.json().path("ifMatch").booleanValue());
  }
}
