package dev.countersign.tlog;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/// The right edge of a tree: the hashes of the perfect subtrees that it consists of, one for each
/// bit of its size, the largest first. It is all that appending and the root need.
public final class Frontier {

  /// A tree without leaves.
  public static final Frontier EMPTY = new Frontier(0, List.of());

  /// Takes the nodes that are complete for ever, each once.
  @FunctionalInterface
  public interface Completed {
    /// A hash of a tile's level from 1 on: that of 256^level leaves, the `index`-th of its level.
    void node(int level, long index, Hash hash);
  }

  private final long size;
  private final List<Hash> hashes;

  private Frontier(long size, List<Hash> hashes) {
    this.size = size;
    this.hashes = hashes;
  }

  /// As [#bytes] wrote it. Throws `IllegalArgumentException` where the two can't belong together.
  public static Frontier of(long size, byte[] bytes) {
    if (size < 0 || bytes.length != Long.bitCount(size) * Hash.BYTES) {
      throw new IllegalArgumentException(
          "the frontier of " + size + " leaves has a hash for each bit of that number");
    }
    List<Hash> hashes = new ArrayList<>();
    for (int from = 0; from < bytes.length; from += Hash.BYTES) {
      hashes.add(Hash.of(Arrays.copyOfRange(bytes, from, from + Hash.BYTES)));
    }
    return new Frontier(size, List.copyOf(hashes));
  }

  /// The tree with these leaves behind it.
  public Frontier append(List<Hash> leaves, Completed completed) {
    Deque<Hash> stack = new ArrayDeque<>(hashes);
    long grown = size;
    for (Hash leaf : leaves) {
      Hash hash = leaf;
      int height = 0;
      // Each bit that is set is a subtree of the height that is reached: the two become one.
      while ((grown >> height & 1) == 1) {
        hash = Hash.ofNode(stack.removeLast(), hash);
        height++;
        if (height % Row.HEIGHT == 0) {
          completed.node(height / Row.HEIGHT, grown >> height, hash);
        }
      }
      stack.addLast(hash);
      grown++;
    }
    return new Frontier(grown, List.copyOf(stack));
  }

  /// How many leaves the tree has.
  public long size() {
    return size;
  }

  /// The tree's root.
  public Hash root() {
    if (size == 0) {
      return Hash.EMPTY_TREE;
    }
    Iterator<Hash> smallestFirst = hashes.reversed().iterator();
    Hash root = smallestFirst.next();
    while (smallestFirst.hasNext()) {
      root = Hash.ofNode(smallestFirst.next(), root);
    }
    return root;
  }

  /// Its hashes, the largest subtree's first: 32 bytes for each bit of the size.
  public byte[] bytes() {
    byte[] bytes = new byte[hashes.size() * Hash.BYTES];
    for (int i = 0; i < hashes.size(); i++) {
      System.arraycopy(hashes.get(i).bytes(), 0, bytes, i * Hash.BYTES, Hash.BYTES);
    }
    return bytes;
  }
}
