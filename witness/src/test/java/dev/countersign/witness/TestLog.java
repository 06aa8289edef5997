package dev.countersign.witness;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.KeyFile;
import dev.countersign.tlog.NoteSigner;
import dev.countersign.tlog.Proofs;
import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A log whose entries are made up, and which tells another story from some entry on where it is
/// told to.
record TestLog(NoteSigner signer, List<Hash> leaves) {

  private static final int ENTRIES = 400;

  /// @param folder where its private key is
  static TestLog named(String name, Path folder) throws IOException {
    NoteSigner signer =
        KeyFile.open(folder.resolve(name.replace('/', '_') + ".key"), name, VerifierKey.Kind.LOG);
    return new TestLog(signer, leaves(0, "entry "));
  }

  private static List<Hash> leaves(int from, String what) {
    List<Hash> leaves = new ArrayList<>();
    for (int n = from; n < ENTRIES; n++) {
      leaves.add(Hash.ofLeaf((what + n).getBytes(UTF_8)));
    }
    return leaves;
  }

  /// The same log, which had other entries from this one on.
  TestLog forkedAt(int entry) {
    List<Hash> other = new ArrayList<>(leaves.subList(0, entry));
    other.addAll(leaves(entry, "another entry "));
    return new TestLog(signer, other);
  }

  String name() {
    return signer.key().name();
  }

  /// Writes its public key to a file of this folder.
  Path publish(Path folder) throws IOException {
    Files.createDirectories(folder);
    return Files.writeString(
        folder.resolve(name().replace('/', '_') + ".vkey"), signer.key() + "\n");
  }

  Hash root(int size) {
    return size == 0 ? Hash.EMPTY_TREE : root(0, size);
  }

  /// RFC 6962 §2.1.
  private Hash root(int from, int to) {
    if (to - from == 1) {
      return leaves.get(from);
    }
    int middle = from + Integer.highestOneBit(to - from - 1);
    return Hash.ofNode(root(from, middle), root(middle, to));
  }

  List<Hash> proof(int old, int size) {
    return Proofs.consistency(old, size).stream()
        .map(span -> root((int) span.from(), (int) span.to()))
        .toList();
  }

  String checkpoint(int size) {
    return signer.sign(new Checkpoint(name(), size, root(size)).text(), Instant.EPOCH).toString();
  }

  /// What it submits of this size after that one.
  String submission(int old, int size) {
    return body(old, old > size ? List.of() : proof(old, size), checkpoint(size));
  }

  static String body(long old, List<Hash> proof, String checkpoint) {
    StringBuilder body = new StringBuilder("old " + old + "\n");
    proof.forEach(each -> body.append(each.base64()).append('\n'));
    return body.append('\n').append(checkpoint).toString();
  }
}
