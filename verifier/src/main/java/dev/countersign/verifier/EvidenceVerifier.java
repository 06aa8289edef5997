package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Canonical;
import dev.countersign.events.EventJson;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Checks an action's evidence offline: what is shown is what was logged, and the log links it.
/// That the log shows everybody the same links is beyond one file.
public final class EvidenceVerifier {

  private EvidenceVerifier() {}

  /// The first fault of an evidence file.
  public static Optional<Fault> check(byte[] json) {
    Evidence evidence;
    try {
      evidence = EventJson.read(json, Evidence.class);
    } catch (IllegalArgumentException e) {
      return Optional.of(new Fault(null, "this is no evidence file: " + e.getMessage()));
    }
    return check(evidence);
  }

  /// The first fault.
  public static Optional<Fault> check(Evidence evidence) {
    if (evidence.entries().isEmpty()) {
      return Optional.of(new Fault(null, "there are no entries: nothing is proven"));
    }
    Evidence.Item before = null;
    for (Evidence.Item item : evidence.entries()) {
      String fault;
      try {
        fault = fault(evidence, before, item);
      } catch (IllegalArgumentException e) {
        fault = "it cannot be read: " + e.getMessage();
      }
      if (fault != null) {
        return Optional.of(Fault.at(item.index(), fault));
      }
      before = item;
    }
    return Optional.empty();
  }

  private static @Nullable String fault(
      Evidence evidence, Evidence.@Nullable Item before, Evidence.Item item) {
    byte[] bytes = Base64.getDecoder().decode(item.leaf());
    JsonNode leaf = EventJson.readTree(bytes);
    if (!leaf.isObject() || !Arrays.equals(Canonical.bytes(leaf), bytes)) {
      return "the leaf is not in canonical form (RFC 8785)";
    }
    if (!leaf.path("topic").asText().equals(item.topic())
        || !leaf.path("actionId").asText().equals(evidence.actionId().toString())) {
      return "the leaf is of another topic or another action";
    }
    Hash leafHash = Hash.ofLeaf(bytes);
    if (!leafHash.digest().equals(item.leafHash())) {
      return "the leaf is not the one that was hashed";
    }
    if (!Hash.of(item.previous()).link(leafHash).digest().equals(item.link())) {
      return "the link does not follow from the one before";
    }
    return chained(evidence.head(), before, item).orElseGet(() -> payload(leaf, item));
  }

  private static Optional<String> chained(
      Head head, Evidence.@Nullable Item before, Evidence.Item item) {
    if (item.index() < 0 || (before != null && item.index() <= before.index())) {
      return Optional.of("the entries are not in the order of the log");
    }
    boolean first = item.index() == 0;
    if (first && !item.previous().equals(Hash.GENESIS.digest())) {
      return Optional.of("something stands before the first entry");
    }
    if (before != null
        && item.index() == before.index() + 1
        && !item.previous().equals(before.link())) {
      return Optional.of("it does not follow the entry before");
    }
    if (item.index() >= head.size()) {
      return Optional.of("the log ends before it");
    }
    boolean last = item.index() == head.size() - 1;
    return last && !item.link().equals(head.link())
        ? Optional.of("the log does not end with it")
        : Optional.empty();
  }

  private static @Nullable String payload(JsonNode leaf, Evidence.Item item) {
    byte[] salt = Base64.getDecoder().decode(item.salt());
    if (salt.length != Salted.SALT_BYTES) {
      return "the salt must have " + Salted.SALT_BYTES + " bytes";
    }
    byte[] value = item.value() == null ? null : Base64.getDecoder().decode(item.value());
    if (!Salted.payload(salt, value).equals(leaf.path("payload").asText())) {
      return "the payload is not the one that was logged";
    }
    JsonNode event = item.event();
    if (event != null && (value == null || !EventJson.readTree(value).equals(event))) {
      return "the event shown is not the payload that was logged";
    }
    return null;
  }
}
