package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Canonical;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Payload;
import dev.countersign.events.Topics;
import dev.countersign.events.VoteRecorded;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.EntryBundle;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.KeyFile;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.NoteSigner;
import dev.countersign.tlog.Proofs;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Span;
import dev.countersign.tlog.Tile;
import dev.countersign.tlog.VerifierKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A log with keys of its own, in memory: what it gives is what a real one would.
final class TestLog {

  static final Instant COSIGNED = Instant.parse("2026-11-26T10:00:05Z");

  final NoteSigner log = signer("example.com/log", VerifierKey.Kind.LOG);
  final NoteSigner witness = signer("example.com/witness", VerifierKey.Kind.WITNESS);
  final List<byte[]> entries = new ArrayList<>();

  private final List<List<Hash>> levels = new ArrayList<>(List.of(new ArrayList<>()));
  private Frontier frontier = Frontier.EMPTY;

  static NoteSigner signer(String name, VerifierKey.Kind kind) {
    try {
      Path folder = Files.createTempDirectory("keys");
      Path file = folder.resolve("key");
      NoteSigner signer = KeyFile.open(file, name, kind);
      Files.delete(file);
      Files.delete(folder);
      return signer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long append(byte[] entry) {
    entries.add(entry);
    Hash leaf = Hash.ofLeaf(entry);
    levels.getFirst().add(leaf);
    frontier =
        frontier.append(
            List.of(leaf),
            (level, _, hash) -> {
              if (levels.size() <= level) {
                levels.add(new ArrayList<>());
              }
              levels.get(level).add(hash);
            });
    return frontier.size() - 1;
  }

  /// Entries of other actions.
  TestLog fill(int count) {
    for (int i = 0; i < count; i++) {
      append(("{\"other\":" + frontier.size() + "}").getBytes(UTF_8));
    }
    return this;
  }

  long size() {
    return frontier.size();
  }

  Checkpoint tree() {
    return new Checkpoint(log.key().name(), frontier.size(), frontier.root());
  }

  Note checkpoint() {
    return cosign(tree().text());
  }

  Note cosign(String text) {
    return log.sign(text, COSIGNED).with(witness.signature(text, COSIGNED));
  }

  List<Hash> proof(long index) {
    List<Hash> proof = new ArrayList<>();
    for (Span each : Proofs.inclusion(index, frontier.size())) {
      proof.add(each.hash(this::read));
    }
    return proof;
  }

  private List<Hash> read(Row row) {
    return levels.get(row.level()).subList((int) row.from(), (int) row.from() + row.count());
  }

  TrustedKeys trusted() {
    return new TrustedKeys(Signed.keys(), log.key(), List.of(witness.key()));
  }

  // A log in its files.

  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("checkpoint"), checkpoint().bytes());
    for (int level = 0; level < levels.size(); level++) {
      List<Hash> all = levels.get(level);
      for (int from = 0; from < all.size(); from += Row.WIDTH) {
        List<Hash> hashes = all.subList(from, Math.min(all.size(), from + Row.WIDTH));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        hashes.forEach(each -> bytes.writeBytes(each.bytes()));
        write(folder, new Tile(level, from / Row.WIDTH, hashes.size()), bytes.toByteArray());
      }
    }
    for (int from = 0; from < entries.size(); from += Row.WIDTH) {
      List<byte[]> some = entries.subList(from, Math.min(entries.size(), from + Row.WIDTH));
      write(folder, new Tile(Tile.ENTRIES, from / Row.WIDTH, some.size()), EntryBundle.bytes(some));
    }
  }

  private static void write(Path folder, Tile tile, byte[] bytes) throws IOException {
    Path file = folder.resolve(tile.path());
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  // An action's evidence.

  /// A record: whoever may write to a topic may have made it.
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  record Written(String topic, byte[] value) {

    static Written of(Event event) {
      return new Written(event.topic(), EventJson.write(event));
    }

    Optional<DsseEnvelope> attestation() {
      try {
        DsseEnvelope attestation =
            topic.equals(Topics.VOTE_RECORDED)
                ? EventJson.read(Payload.event(EventJson.readTree(value)), VoteRecorded.class)
                    .attestation()
                : null;
        if (attestation != null) {
          new AttestationVerifier(Signed.keys()).check(attestation);
        }
        return Optional.ofNullable(attestation);
      } catch (IllegalArgumentException | NotProven _) {
        // The log makes a leaf of what the ticket service signed alone.
        return Optional.empty();
      }
    }

    @Nullable JsonNode json() {
      try {
        return EventJson.readTree(value);
      } catch (IllegalArgumentException _) {
        // Not JSON, and logged all the same.
        return null;
      }
    }
  }

  /// Logs the events and then the attestations among them, and shows where they stand.
  EvidenceFile evidence(List<? extends Event> events, int after) {
    return written(events.stream().map(Written::of).toList(), after);
  }

  /// Logs the records and then the attestations among them, and shows where they stand.
  EvidenceFile written(List<Written> records, int after) {
    record Logged(Written record, long index) {}

    byte[] salt = new byte[Salted.SALT_BYTES];
    List<Logged> logged = new ArrayList<>();
    for (Written each : records) {
      logged.add(new Logged(each, append(leaf(each.topic(), Salted.payload(salt, each.value())))));
    }
    Map<DsseEnvelope, Long> attested = new LinkedHashMap<>();
    for (Written each : records) {
      each.attestation().ifPresent(it -> attested.put(it, append(leafOf(it))));
    }
    fill(after);
    return new EvidenceFile(
        Signed.ID,
        logged.stream()
            .map(each ->
                EvidenceFile.Item.of(
                    each.record().topic(),
                    each.index(),
                    entries.get((int) each.index()),
                    each.record().json(),
                    each.record().value(),
                    salt,
                    proof(each.index())))
            .toList(),
        checkpoint().toString(),
        List.copyOf(attested.keySet()),
        attested.entrySet().stream()
            .map(each ->
                Bundle.of(
                    each.getKey(),
                    leafOf(each.getKey()),
                    each.getValue(),
                    proof(each.getValue()),
                    checkpoint(),
                    log.key()))
            .toList(),
        new EvidenceFile.Keys(
            log.key().toString(), List.of(witness.key().toString()), Signed.jwks()));
  }

  private static byte[] leaf(String topic, String payload) {
    JsonNode leaf =
        JsonNodeFactory.instance
            .objectNode()
            .put("actionId", Signed.ID.toString())
            .put("payload", payload)
            .put("topic", topic);
    return Canonical.bytes(leaf);
  }

  private static byte[] leafOf(DsseEnvelope attestation) {
    return HashedRekord.leaf(
        attestation, Signed.keys().findAttestationKey(Signed.KID).orElseThrow());
  }
}
