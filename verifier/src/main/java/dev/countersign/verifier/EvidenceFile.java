package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.tlog.Hash;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// All of an action's entries, with what it takes to prove offline that the log holds them.
///
/// @param entries in the log's order, one per event
/// @param checkpoint the signed note that all proofs are to, with its cosignatures
/// @param attestations of the votes, each once
/// @param bundles of those attestations whose leaf is below the checkpoint
/// @param keys for reading; whoever verifies has them from elsewhere
public record EvidenceFile(
    ActionId actionId,
    List<Item> entries,
    String checkpoint,
    List<DsseEnvelope> attestations,
    List<Bundle> bundles,
    Keys keys) {
  public EvidenceFile {
    Objects.requireNonNull(actionId, "actionId is missing");
    Objects.requireNonNull(entries, "entries are missing");
    Objects.requireNonNull(checkpoint, "checkpoint is missing");
    Objects.requireNonNull(attestations, "attestations are missing");
    Objects.requireNonNull(bundles, "bundles are missing");
    Objects.requireNonNull(keys, "keys are missing");
    entries = List.copyOf(entries);
    attestations = List.copyOf(attestations);
    bundles = List.copyOf(bundles);
  }

  /// One entry. Where its payload was erased it has neither event nor value nor salt.
  ///
  /// @param leaf base64 of the leaf
  /// @param event the payload as JSON, where JSON can say it: for reading, `value` is what is
  ///   logged
  /// @param value base64 of the record's exact value; absent where it had none
  /// @param salt base64 of the 32 bytes under which the leaf's HMAC was taken
  /// @param proof base64 of the hashes that prove the leaf at its index below the checkpoint
  public record Item(
      String topic,
      long index,
      String leaf,
      @Nullable JsonNode event,
      @Nullable String value,
      @Nullable String salt,
      List<String> proof) {
    public Item {
      Objects.requireNonNull(topic, "topic is missing");
      Objects.requireNonNull(leaf, "leaf is missing");
      Objects.requireNonNull(proof, "proof is missing");
      proof = List.copyOf(proof);
      // Null is absent, whoever wrote the file down again.
      event = event == null || event.isNull() ? null : event;
    }

    /// From what the log has: without a salt the payload was erased.
    public static Item of(
        String topic,
        long index,
        byte[] leaf,
        @Nullable JsonNode event,
        byte @Nullable [] value,
        byte @Nullable [] salt,
        List<Hash> proof) {
      Base64.Encoder base64 = Base64.getEncoder();
      return new Item(
          topic,
          index,
          base64.encodeToString(leaf),
          event != null && canBeSaid(event) ? event : null,
          value == null ? null : base64.encodeToString(value),
          salt == null ? null : base64.encodeToString(salt),
          proof.stream().map(Hash::base64).toList());
    }

    /// Whether written as JSON it is the same. Read as a double, a number may be an infinity, and
    /// JSON has none to write.
    public static boolean canBeSaid(JsonNode event) {
      return EventJson.readTree(EventJson.write(event)).equals(event);
    }

    /// Whether the payload is gone, and with it what it said.
    public boolean erased() {
      return salt == null;
    }
  }

  /// The public keys that it can be verified with, for reading.
  ///
  /// @param log the log's verifier key
  /// @param witnesses the verifier keys of those who cosigned
  /// @param jwks the ticket service's key set
  public record Keys(String log, List<String> witnesses, JsonNode jwks) {
    public Keys {
      Objects.requireNonNull(log, "log is missing");
      Objects.requireNonNull(witnesses, "witnesses are missing");
      Objects.requireNonNull(jwks, "jwks are missing");
      witnesses = List.copyOf(witnesses);
    }
  }
}
