package dev.countersign.audit.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.audit.application.LogKey;
import dev.countersign.audit.application.TicketKeys;
import dev.countersign.audit.domain.Entry;
import dev.countersign.events.ActionId;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Payload;
import dev.countersign.events.Topics;
import dev.countersign.events.VoteRecorded;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.verifier.Bundle;
import dev.countersign.verifier.EvidenceFile;
import dev.countersign.verifier.HashedRekord;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Puts an action's evidence together from its rows.
@ApplicationScoped
class EvidenceFiles {

  /// What the ticket service signs something in.
  private static final Set<String> SIGNED = Set.of(Topics.VOTE_RECORDED, Topics.DECISION);

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

  /// It may block. Throws where the ticket service's keys can't be had, and something in the
  /// entries may be signed with one.
  ///
  /// @param rows in the log's order
  /// @param proofs the proof of the entry at an index, to the checkpoint
  EvidenceFile file(
      ActionId actionId, List<LoggedRow> rows, Note checkpoint, LongFunction<List<Hash>> proofs)
      throws IOException {
    List<EvidenceFile.Item> items = new ArrayList<>();
    Set<DsseEnvelope> attestations = new LinkedHashSet<>();
    // Of all that carry the same signature, one is what was signed: the leaf says which.
    Map<Hash, DsseEnvelope> signed = new HashMap<>();
    for (LoggedRow row : rows) {
      if (!row.topic().equals(Entry.ATTESTATION)) {
        items.add(item(row, proofs.apply(row.index())));
        DsseEnvelope attestation = attestation(actionId, row);
        if (attestation != null && attestations.add(attestation)) {
          leaf(attestation).ifPresent(leaf -> signed.put(leaf, attestation));
        }
      }
    }
    List<Bundle> bundles = new ArrayList<>();
    for (LoggedRow row : rows) {
      // One bundle each: after a recovery an attestation may have two leaves.
      DsseEnvelope of =
          row.topic().equals(Entry.ATTESTATION) ? signed.remove(Hash.ofLeaf(row.leaf())) : null;
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
    boolean needed = rows.stream().anyMatch(row -> SIGNED.contains(row.topic()));
    return new EvidenceFile(
        actionId,
        items,
        checkpoint.toString(),
        List.copyOf(attestations),
        bundles,
        new EvidenceFile.Keys(
            key.publicKey().toString(),
            witness.keys(),
            needed ? ticket.mustKnow() : ticket.known()));
  }

  private Optional<Hash> leaf(DsseEnvelope attestation) throws IOException {
    return ticket
        .signed(attestation)
        .map(spki -> Hash.ofLeaf(HashedRekord.leaf(attestation, spki)));
  }

  private static EvidenceFile.Item item(LoggedRow row, List<Hash> proof) {
    return EvidenceFile.Item.of(
        row.topic(), row.index(), row.leaf(), event(row.value()), row.value(), row.salt(), proof);
  }

  private static @Nullable DsseEnvelope attestation(ActionId actionId, LoggedRow row) {
    if (!row.topic().equals(Topics.VOTE_RECORDED) || row.value() == null) {
      return null;
    }
    try {
      JsonNode event = Payload.event(EventJson.readTree(row.value()));
      VoteRecorded vote = EventJson.read(event, VoteRecorded.class);
      return vote.actionId().equals(actionId) ? vote.attestation() : null;
    } catch (IllegalArgumentException e) {
      // Anybody with the topic may have written it; it is logged, and is no vote.
      return null;
    }
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
