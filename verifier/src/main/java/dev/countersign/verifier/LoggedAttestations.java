package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Shown;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Proofs;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Whether what stands beside the entries for other people's verifiers is what the entries say: the
/// attestations, and their bundles.
final class LoggedAttestations {

  private final Cosigned checkpoint;
  private final KeySet keys;

  LoggedAttestations(Cosigned checkpoint, KeySet keys) {
    this.checkpoint = checkpoint;
    this.keys = keys;
  }

  /// Throws with the first that does not.
  ///
  /// @param json the file as it stands there, so that nothing in a bundle goes unread
  void check(EvidenceFile file, JsonNode json, LoggedAction action) throws NotProven {
    Set<DsseEnvelope> seen = new HashSet<>();
    for (int i = 0; i < file.attestations().size(); i++) {
      DsseEnvelope each = file.attestations().get(i);
      NotProven.unless(
          action.carried().contains(each), "attestation " + i + " is in none of the entries");
      NotProven.unless(seen.add(each), "attestation " + i + " stands there twice");
    }
    NotProven.unless(
        seen.containsAll(action.voted()), "an attestation of the entries is not in attestations");
    for (int i = 0; i < file.bundles().size(); i++) {
      String name = "bundle " + i;
      try {
        DsseEnvelope attestation = file.bundles().get(i).dsseEnvelope();
        NotProven.unless(
            seen.remove(attestation),
            name + " is of none of the attestations, or of one that has another bundle");
        NotProven.unless(
            json.path("bundles").path(i).equals(EventJson.tree(proven(file, i))),
            name + " is not the one that follows from its attestation and the checkpoint");
      } catch (IllegalArgumentException e) {
        throw new NotProven(name + " can't be read: " + Shown.text(String.valueOf(e.getMessage())));
      }
    }
  }

  /// The bundle as it must be: only the place and the proof are taken from the one that is there.
  private Bundle proven(EvidenceFile file, int i) throws NotProven {
    List<Bundle.Entry> entries = file.bundles().get(i).verificationMaterial().tlogEntries();
    NotProven.unless(entries.size() == 1, "bundle " + i + " must have one entry");
    Bundle.Entry entry = entries.getFirst();
    DsseEnvelope attestation = file.bundles().get(i).dsseEnvelope();
    NotProven.unless(
        attestation.signatures().size() == 1, "bundle " + i + " must have one signature");
    String kid = attestation.signatures().getFirst().keyid();
    if (kid == null) {
      throw new NotProven("bundle " + i + ": the signature does not say by which key");
    }
    byte[] leaf = HashedRekord.leaf(attestation, keys.find(kid).key().getEncoded());
    long index = Long.parseLong(entry.logIndex());
    List<Hash> proof = PlainBase64.hashes(entry.inclusionProof().hashes());
    NotProven.unless(
        Proofs.includes(
            checkpoint.tree().root(), checkpoint.tree().size(), index, Hash.ofLeaf(leaf), proof),
        "bundle "
            + i
            + ": its proof does not lead to the checkpoint: the log does not hold the attestation"
            + " at "
            + index);
    return Bundle.of(attestation, leaf, index, proof, checkpoint.note(), checkpoint.log());
  }
}
