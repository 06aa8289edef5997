package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// All of an action's entries, with what it takes to check them.
public record Evidence(ActionId actionId, List<Item> entries, Head head) {
  public Evidence {
    Objects.requireNonNull(actionId, "actionId is missing");
    Objects.requireNonNull(entries, "entries are missing");
    Objects.requireNonNull(head, "head is missing");
    entries = List.copyOf(entries);
  }

  /// One entry.
  ///
  /// @param leaf base64 of the leaf
  /// @param previous the link before it
  /// @param link the link after it
  /// @param event the payload as JSON, where it is JSON: for reading, `value` is what is logged
  /// @param value base64 of the record's exact value; absent where it had none
  /// @param salt base64 of the 32 bytes under which the leaf's HMAC was taken
  public record Item(
      String topic,
      long index,
      String leaf,
      Digest leafHash,
      Digest previous,
      Digest link,
      @Nullable JsonNode event,
      @Nullable String value,
      String salt) {
    public Item {
      Objects.requireNonNull(topic, "topic is missing");
      Objects.requireNonNull(leaf, "leaf is missing");
      Objects.requireNonNull(leafHash, "leafHash is missing");
      Objects.requireNonNull(previous, "previous is missing");
      Objects.requireNonNull(link, "link is missing");
      Objects.requireNonNull(salt, "salt is missing");
    }
  }
}
