package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.audit.domain.Entry;
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

  /// Whether what stands beside the leaf is what it says, and the event the one that it commits to.
  /// An erased one is none that could differ, and the leaf of an attestation says nothing beside
  /// its signature.
  boolean isAsLogged() {
    if (!Hash.ofLeaf(leaf).equals(leafHash)) {
      return false;
    }
    if (topic.equals(Entry.ATTESTATION)) {
      return true;
    }
    JsonNode said = EventJson.readTree(leaf);
    return said.path("topic").asText().equals(topic)
        && said.path("actionId").asText().equals(actionId == null ? "" : actionId.toString())
        && (salt == null || said.path("payload").asText().equals(Salted.payload(salt, value)));
  }
}
