package dev.countersign.audit.domain;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Canonical;
import dev.countersign.tlog.Hash;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the log says for ever of contents that were erased. It names nobody.
///
/// @param by `operator`, or `countersign` where a rule did it
/// @param reason a code
/// @param person an HMAC of the person's name under a salt that whoever asked holds and the log
///   does not; absent where it was not for a person
/// @param indexes of the entries, in order
public record Erasure(
    Instant at, String by, String reason, @Nullable String person, List<Long> indexes) {

  /// The topic in its leaf: that of no record.
  public static final String TOPIC = "erasure";

  private static final Pattern CODE = Pattern.compile("[a-z0-9][a-z0-9.-]{0,59}");
  private static final int VERSION = 1;

  public Erasure {
    indexes = indexes.stream().sorted().toList();
    if (indexes.isEmpty()) {
      throw new IllegalArgumentException("nothing is erased");
    }
    if (!isCode(reason)) {
      throw new IllegalArgumentException("the reason is a code");
    }
  }

  /// Whether this may stand in the log for ever as a reason: a code, and no sentence, in which a
  /// name could stand.
  public static boolean isCode(String reason) {
    return CODE.matcher(reason).matches();
  }

  /// Its RFC 8785 form, which is hashed.
  public byte[] bytes() {
    ObjectNode leaf =
        JsonNodeFactory.instance
            .objectNode()
            .put("at", at.toString())
            .put("by", by)
            .put("entries", indexes.size())
            .put("indexes", "sha256:" + digest())
            .put("reason", reason)
            .put("topic", TOPIC)
            .put("v", VERSION);
    if (person != null) {
      leaf.put("person", person);
    }
    return Canonical.bytes(leaf);
  }

  /// Over the decimal numbers with a comma between.
  private String digest() {
    String listed = indexes.stream().map(String::valueOf).collect(Collectors.joining(","));
    return Hash.of(Hash.sha256().digest(listed.getBytes(StandardCharsets.UTF_8))).hex();
  }

  /// Ready to be appended.
  public Entry entry() {
    byte[] leaf = bytes();
    return new Entry(
        EventId.ofLeaf(Hash.ofLeaf(leaf)), null, TOPIC, null, leaf, null, null, null, null, "[]");
  }
}
