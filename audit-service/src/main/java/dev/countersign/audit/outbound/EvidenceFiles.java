package dev.countersign.audit.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.audit.application.LogKey;
import dev.countersign.audit.application.TicketKeys;
import dev.countersign.audit.domain.Entry;
import dev.countersign.events.ActionId;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.events.VoteRecorded;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.verifier.Bundle;
import dev.countersign.verifier.EvidenceFile;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Puts an action's evidence together from its rows.
@ApplicationScoped
class EvidenceFiles {

  private static final byte[] OPEN = "[[[[".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SHUT = "]]]]".getBytes(StandardCharsets.US_ASCII);

  private final LogKey key;
  private final HttpWitness witness;
  private final TicketKeys ticket;

  @Inject
  EvidenceFiles(LogKey key, HttpWitness witness, TicketKeys ticket) {
    this.key = key;
    this.witness = witness;
    this.ticket = ticket;
  }

  /// @param rows in the log's order
  /// @param proofs the proof of the entry at an index, to the checkpoint
  EvidenceFile file(
      ActionId actionId, List<LoggedRow> rows, Note checkpoint, LongFunction<List<Hash>> proofs) {
    List<EvidenceFile.Item> items = new ArrayList<>();
    // By the signature: an attestation's leaf says no more of it.
    Map<String, DsseEnvelope> attestations = new LinkedHashMap<>();
    for (LoggedRow row : rows) {
      if (!row.topic().equals(Entry.ATTESTATION)) {
        items.add(item(row, proofs.apply(row.index())));
        attestation(row).ifPresent(it -> attestations.put(it.signatures().getFirst().sig(), it));
      }
    }
    List<Bundle> bundles = new ArrayList<>();
    // One bundle each: after a recovery an attestation may have two leaves.
    Map<String, DsseEnvelope> unproven = new LinkedHashMap<>(attestations);
    for (LoggedRow row : rows) {
      DsseEnvelope of =
          row.topic().equals(Entry.ATTESTATION) ? unproven.remove(signature(row)) : null;
      if (of != null) {
        bundles.add(
            Bundle.of(
                of,
                row.leaf(),
                row.index(),
                proofs.apply(row.index()),
                checkpoint,
                key.publicKey()));
      }
    }
    return new EvidenceFile(
        actionId,
        items,
        checkpoint.toString(),
        List.copyOf(attestations.values()),
        bundles,
        new EvidenceFile.Keys(key.publicKey().toString(), witness.keys(), ticket.known()));
  }

  private static EvidenceFile.Item item(LoggedRow row, List<Hash> proof) {
    return EvidenceFile.Item.of(
        row.topic(), row.index(), row.leaf(), event(row.value()), row.value(), row.salt(), proof);
  }

  private static Optional<DsseEnvelope> attestation(LoggedRow row) {
    if (!row.topic().equals(Topics.VOTE_RECORDED) || row.value() == null) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(EventJson.read(row.value(), VoteRecorded.class).attestation())
          .filter(attestation -> attestation.signatures().size() == 1);
    } catch (IllegalArgumentException e) {
      // Anybody with the topic may have written it; it is logged, and is no vote.
      return Optional.empty();
    }
  }

  private static String signature(LoggedRow row) {
    return EventJson.readTree(row.leaf()).at("/spec/hashedRekordV002/signature/content").asText();
  }

  static @Nullable JsonNode event(byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    // Evidence must be readable as a whole: what is as deep as a reader goes is left to `value`.
    byte[] wrapped = Arrays.copyOf(OPEN, OPEN.length + value.length + SHUT.length);
    System.arraycopy(value, 0, wrapped, OPEN.length, value.length);
    System.arraycopy(SHUT, 0, wrapped, OPEN.length + value.length, SHUT.length);
    try {
      JsonNode event = EventJson.readTree(wrapped).at("/0/0/0/0");
      return event.equals(EventJson.readTree(value)) ? event : null;
    } catch (IllegalArgumentException e) {
      // Not JSON, and logged all the same.
      return null;
    }
  }
}
