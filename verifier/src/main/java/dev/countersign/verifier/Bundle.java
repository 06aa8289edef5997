package dev.countersign.verifier;

import dev.countersign.events.DsseEnvelope;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.VerifierKey;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/// An attestation with its proof that the log holds it, as a Sigstore bundle v0.3
/// (`sigstore_bundle.proto`, in protobuf's JSON): Sigstore's own verifiers read it.
public record Bundle(String mediaType, Material verificationMaterial, DsseEnvelope dsseEnvelope) {

  private static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

  public Bundle {
    Objects.requireNonNull(mediaType, "mediaType is missing");
    Objects.requireNonNull(verificationMaterial, "verificationMaterial is missing");
    Objects.requireNonNull(dsseEnvelope, "dsseEnvelope is missing");
  }

  /// Which key signed, and which log holds it.
  public record Material(Hint publicKey, List<Entry> tlogEntries) {
    public Material {
      Objects.requireNonNull(publicKey, "publicKey is missing");
      Objects.requireNonNull(tlogEntries, "tlogEntries are missing");
      tlogEntries = List.copyOf(tlogEntries);
    }
  }

  /// The `kid`.
  public record Hint(String hint) {}

  /// The attestation's leaf. Numbers of 64 bits are text in protobuf's JSON, bytes base64.
  public record Entry(
      String logIndex,
      LogId logId,
      KindVersion kindVersion,
      InclusionProof inclusionProof,
      String canonicalizedBody) {
    public Entry {
      Objects.requireNonNull(logIndex, "logIndex is missing");
      Objects.requireNonNull(inclusionProof, "inclusionProof is missing");
    }
  }

  /// The log's key by its hash.
  public record LogId(String keyId) {}

  /// What kind of leaf it is.
  public record KindVersion(String kind, String version) {}

  /// That the leaf is in the tree of this checkpoint.
  public record InclusionProof(
      String logIndex,
      String rootHash,
      String treeSize,
      List<String> hashes,
      SignedNote checkpoint) {
    public InclusionProof {
      Objects.requireNonNull(hashes, "hashes are missing");
      hashes = List.copyOf(hashes);
    }
  }

  /// The signed checkpoint.
  public record SignedNote(String envelope) {}

  /// The bundle of an attestation.
  ///
  /// @param leaf the attestation's leaf, [HashedRekord#leaf]
  /// @param index where the leaf stands
  /// @param proof that it stands there in the tree of the checkpoint
  /// @param log the key that signed the checkpoint
  public static Bundle of(
      DsseEnvelope attestation,
      byte[] leaf,
      long index,
      List<Hash> proof,
      Note checkpoint,
      VerifierKey log) {
    Checkpoint tree = Checkpoint.read(checkpoint.text());
    String at = Long.toString(index);
    return new Bundle(
        MEDIA_TYPE,
        new Material(
            new Hint(Objects.requireNonNull(attestation.signatures().getFirst().keyid(), "kid")),
            List.of(
                new Entry(
                    at,
                    new LogId(log.hash().base64()),
                    new KindVersion(HashedRekord.KIND, HashedRekord.VERSION),
                    new InclusionProof(
                        at,
                        tree.root().base64(),
                        Long.toString(tree.size()),
                        proof.stream().map(Hash::base64).toList(),
                        new SignedNote(checkpoint.toString())),
                    Base64.getEncoder().encodeToString(leaf)))),
        attestation);
  }
}
