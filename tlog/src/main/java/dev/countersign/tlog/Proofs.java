package dev.countersign.tlog;

import java.util.ArrayList;
import java.util.List;

/// Proofs over the tree: which subtrees they consist of (RFC 6962 §2.1.1 and §2.1.2), and whether
/// they hold (RFC 9162 §2.1.3.2 and §2.1.4.2).
public final class Proofs {

  private Proofs() {}

  /// The subtrees whose hashes prove that a leaf is in a tree, in the proof's order.
  public static List<Span> inclusion(long index, long size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("a tree of " + size + " leaves has none at " + index);
    }
    List<Span> spans = new ArrayList<>();
    long from = 0;
    long to = size;
    while (to - from > 1) {
      long middle = from + split(to - from);
      if (index < middle) {
        spans.addFirst(new Span(middle, to));
        to = middle;
      } else {
        spans.addFirst(new Span(from, middle));
        from = middle;
      }
    }
    return spans;
  }

  /// The subtrees whose hashes prove that a tree is the beginning of a larger one, in the proof's
  /// order. That of an empty tree, and of the tree itself, has none.
  public static List<Span> consistency(long old, long size) {
    if (old < 0 || old > size) {
      throw new IllegalArgumentException("a tree of " + size + " leaves never had " + old);
    }
    List<Span> spans = new ArrayList<>();
    if (old == 0) {
      return spans;
    }
    long from = 0;
    long to = size;
    while (to != old) {
      long middle = from + split(to - from);
      if (old <= middle) {
        spans.addFirst(new Span(middle, to));
        to = middle;
      } else {
        spans.addFirst(new Span(from, middle));
        from = middle;
      }
    }
    // The old tree as a whole is what the verifier has the root of.
    if (from > 0) {
      spans.addFirst(new Span(from, to));
    }
    return spans;
  }

  /// The largest power of two below a number from 2 on.
  private static long split(long leaves) {
    return Long.highestOneBit(leaves - 1);
  }

  /// Whether a leaf is the one at this index of the tree with this root.
  public static boolean includes(
      Hash root, long size, long index, Hash leafHash, List<Hash> proof) {
    if (index < 0 || index >= size) {
      return false;
    }
    long node = index;
    long last = size - 1;
    Hash hash = leafHash;
    for (Hash each : proof) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        hash = Hash.ofNode(each, hash);
        while ((node & 1) == 0 && node != 0) {
          node >>= 1;
          last >>= 1;
        }
      } else {
        hash = Hash.ofNode(hash, each);
      }
      node >>= 1;
      last >>= 1;
    }
    return last == 0 && hash.equals(root);
  }

  /// Whether a tree is the beginning of another.
  public static boolean extendsTree(
      Hash oldRoot, long oldSize, Hash root, long size, List<Hash> proof) {
    if (oldSize < 0 || oldSize > size) {
      return false;
    }
    if (oldSize == 0) {
      return proof.isEmpty() && oldRoot.equals(Hash.EMPTY_TREE);
    }
    if (oldSize == size) {
      return proof.isEmpty() && oldRoot.equals(root);
    }
    List<Hash> path = new ArrayList<>(proof);
    if (Long.bitCount(oldSize) == 1) {
      path.addFirst(oldRoot);
    }
    if (path.isEmpty()) {
      return false;
    }
    long node = oldSize - 1;
    long last = size - 1;
    while ((node & 1) == 1) {
      node >>= 1;
      last >>= 1;
    }
    Hash before = path.getFirst();
    Hash now = path.getFirst();
    for (Hash each : path.subList(1, path.size())) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        before = Hash.ofNode(each, before);
        now = Hash.ofNode(each, now);
        while ((node & 1) == 0 && node != 0) {
          node >>= 1;
          last >>= 1;
        }
      } else {
        now = Hash.ofNode(now, each);
      }
      node >>= 1;
      last >>= 1;
    }
    return last == 0 && before.equals(oldRoot) && now.equals(root);
  }
}
