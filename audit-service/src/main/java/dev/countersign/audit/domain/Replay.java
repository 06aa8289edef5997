package dev.countersign.audit.domain;

import dev.countersign.events.Digest;
import dev.countersign.verifier.Head;
import java.util.List;

/// A stretch of the log in order. `previous` is the link before the first entry of it.
public record Replay(Digest previous, List<Item> entries, Head head) {

  /// One entry; `leaf` is base64.
  public record Item(String topic, long index, String leaf, Digest leafHash, Digest link) {}
}
