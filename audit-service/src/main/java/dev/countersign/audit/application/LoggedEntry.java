package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.tlog.Hash;
import dev.countersign.verifier.Salted;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An entry with all that the log has of it.
///
/// @param appendedAt by the database's clock; the leaf has the time of the record
/// @param leafHash as it stands in the tree
/// @param salt absent where the payload was erased, or there never was one
/// @param event the value as JSON; absent where it is none
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record LoggedEntry(
    long index,
    Instant appendedAt,
    String topic,
    @Nullable ActionId actionId,
    byte[] leaf,
    Hash leafHash,
    byte @Nullable [] salt,
    byte @Nullable [] value,
    @Nullable JsonNode event) {

  /// Whether the leaf, which the tree has, says the same of it as the columns beside it, and the
  /// event is the one that the leaf commits to. An erased one is none that could differ.
  boolean isAsLogged() {
    JsonNode said = EventJson.readTree(leaf);
    return Hash.ofLeaf(leaf).equals(leafHash)
        && said.path("topic").asText().equals(topic)
        && said.path("actionId").asText().equals(actionId == null ? "" : actionId.toString())
        && (salt == null || said.path("payload").asText().equals(Salted.payload(salt, value)));
  }
}
