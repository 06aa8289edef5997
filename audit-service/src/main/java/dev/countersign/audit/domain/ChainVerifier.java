package dev.countersign.audit.domain;

import dev.countersign.verifier.Fault;
import dev.countersign.verifier.Hash;
import dev.countersign.verifier.Head;
import java.util.Base64;
import java.util.Optional;

/// Checks the log from an entry on, one after the other. Once it has found a fault it says nothing
/// more: what follows a broken link cannot be judged.
public final class ChainVerifier {

  private long next;
  private Hash link;

  private ChainVerifier(long next, Hash link) {
    this.next = next;
    this.link = link;
  }

  /// From the first entry.
  public static ChainVerifier fromTheStart() {
    return new ChainVerifier(0, Hash.GENESIS);
  }

  /// From an entry on, trusting the link before it.
  public static ChainVerifier from(long index, Hash previous) {
    return new ChainVerifier(index, previous);
  }

  /// The first fault of a stretch that follows what was checked so far.
  public Optional<Fault> check(Replay replay) {
    for (Replay.Item item : replay.entries()) {
      Optional<Fault> fault = check(item);
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }

  private Optional<Fault> check(Replay.Item item) {
    if (item.index() != next) {
      return Optional.of(Fault.at(next, "it is missing; entry " + item.index() + " follows"));
    }
    byte[] leaf = Base64.getDecoder().decode(item.leaf());
    Hash leafHash = Hash.ofLeaf(leaf);
    if (!leafHash.digest().equals(item.leafHash())) {
      return Optional.of(Fault.at(next, "the leaf is not the one that was hashed"));
    }
    Hash after = link.link(leafHash);
    if (!after.digest().equals(item.link())) {
      return Optional.of(Fault.at(next, "the link does not follow from the entry before"));
    }
    next++;
    link = after;
    return Optional.empty();
  }

  /// Whether what was checked ends where the log says that it ends.
  public Optional<Fault> end(Head head) {
    if (head.size() != next) {
      return Optional.of(Fault.at(next, "the log says it has " + head.size() + " entries"));
    }
    return head.link().equals(link.digest())
        ? Optional.empty()
        : Optional.of(Fault.at(next - 1, "its link is not the one that the log ends with"));
  }

  /// How many entries were found in order, those before the start counted.
  public long size() {
    return next;
  }
}
