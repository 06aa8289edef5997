package dev.countersign.tlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The tree against RFC 6962's own definition, written down as it stands there.
class TreeTest {

  private static final List<Hash> LEAVES =
      IntStream.range(0, 66_000)
          .mapToObj(n -> Hash.ofLeaf(Integer.toString(n).getBytes(UTF_8)))
          .toList();

  /// MTH(D[n]), RFC 6962 §2.1.
  private static Hash mth(List<Hash> leaves) {
    if (leaves.isEmpty()) {
      return Hash.EMPTY_TREE;
    }
    if (leaves.size() == 1) {
      return leaves.getFirst();
    }
    int k = Integer.highestOneBit(leaves.size() - 1);
    return Hash.ofNode(mth(leaves.subList(0, k)), mth(leaves.subList(k, leaves.size())));
  }

  private final Map<Integer, Map<Long, Hash>> nodes = new HashMap<>();
  private Frontier frontier = Frontier.EMPTY;

  private void grow(int to) {
    frontier =
        frontier.append(
            LEAVES.subList((int) frontier.size(), to),
            (level, index, hash) ->
                assertEquals(
                    null,
                    nodes.computeIfAbsent(level, _ -> new HashMap<>()).put(index, hash),
                    "a node is completed once"));
  }

  private List<Hash> read(Row row) {
    if (row.level() == 0) {
      return LEAVES.subList((int) row.from(), (int) row.from() + row.count());
    }
    return IntStream.range(0, row.count())
        .mapToObj(n -> Objects.requireNonNull(nodes.get(row.level())).get(row.from() + n))
        .map(hash -> Objects.requireNonNull(hash, "stored"))
        .toList();
  }

  private List<Hash> hashes(List<Span> spans) {
    return spans.stream().map(each -> each.hash(this::read)).toList();
  }

  @Test
  void theRootIsThatOfTheStandardHoweverTheTreeGrew() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int size = 0; size < 1_100; size = Math.min(size + random.nextInt(9), LEAVES.size())) {
      grow(Math.max(size, (int) frontier.size()));
      assertEquals(mth(LEAVES.subList(0, size)), frontier.root(), size + ", seed " + seed);
      Frontier again = Frontier.of(size, frontier.bytes());
      assertEquals(frontier.root(), again.root());
    }
    grow(66_000);
    assertEquals(mth(LEAVES), frontier.root());
    assertEquals(257, Objects.requireNonNull(nodes.get(1)).size());
    assertEquals(1, Objects.requireNonNull(nodes.get(2)).size());
  }

  @Test
  void theEmptyTreeIsTheHashOfNothing() {
    assertEquals(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        Frontier.EMPTY.root().hex());
  }

  @Test
  void everyLeafIsProvenInEveryTreeAndNowhereElse() {
    grow(600);
    for (int size = 1; size <= 600; size += size < 20 ? 1 : 29) {
      Hash root = mth(LEAVES.subList(0, size));
      for (int index = 0; index < size; index += size < 20 ? 1 : 7) {
        List<Hash> proof = hashes(Proofs.inclusion(index, size));
        Hash leaf = LEAVES.get(index);
        assertTrue(Proofs.includes(root, size, index, leaf, proof), index + " of " + size);
        assertFalse(Proofs.includes(root, size, index + 1, leaf, proof));
        assertFalse(Proofs.includes(root, size, index, LEAVES.get(index + 1), proof));
        assertFalse(Proofs.includes(root, size * 2L + 1, index, leaf, proof));
        List<Hash> longer = new ArrayList<>(proof);
        longer.add(leaf);
        assertFalse(Proofs.includes(root, size, index, leaf, longer));
        if (!proof.isEmpty()) {
          assertFalse(Proofs.includes(root, size, index, leaf, proof.subList(0, proof.size() - 1)));
        }
      }
    }
    assertThrows(IllegalArgumentException.class, () -> Proofs.inclusion(5, 5));
  }

  @Test
  void everyTreeIsProvenTheBeginningOfEveryLargerOneAndOfNoOther() {
    grow(600);
    for (int size = 1; size <= 600; size += size < 40 ? 1 : 37) {
      Hash root = mth(LEAVES.subList(0, size));
      for (int old = 0; old <= size; old += size < 40 ? 1 : 11) {
        Hash before = mth(LEAVES.subList(0, old));
        List<Hash> proof = hashes(Proofs.consistency(old, size));
        assertTrue(Proofs.extendsTree(before, old, root, size, proof), old + " to " + size);
        Hash other = Hash.ofLeaf(new byte[] {1});
        assertFalse(Proofs.extendsTree(other, old, root, size, proof), old + " to " + size);
        if (old > 0) {
          assertFalse(Proofs.extendsTree(before, old, other, size, proof), old + " to " + size);
        }
        for (int i = 0; i < proof.size(); i++) {
          List<Hash> changed = new ArrayList<>(proof);
          changed.set(i, other);
          assertFalse(Proofs.extendsTree(before, old, root, size, changed));
          changed.remove(i);
          assertFalse(Proofs.extendsTree(before, old, root, size, changed));
        }
      }
    }
    assertFalse(Proofs.extendsTree(frontier.root(), 600, mth(LEAVES.subList(0, 5)), 5, List.of()));
  }

  @Test
  void aProofInALargeTreeReadsFewRows() {
    grow(66_000);
    List<Span> proof = Proofs.inclusion(12_345, 66_000);
    assertTrue(Proofs.includes(frontier.root(), 66_000, 12_345, LEAVES.get(12_345), hashes(proof)));
    List<Tile> tiles =
        proof.stream()
            .flatMap(span -> span.rows().stream())
            .map(row -> Tile.of(row, 66_000))
            .distinct()
            .toList();
    assertTrue(tiles.size() <= 6, tiles.toString());
  }

  @Test
  void aTileHasOnePath() {
    assertEquals("tile/0/x001/x234/067", new Tile(0, 1_234_067, 256).path());
    assertEquals("tile/entries/000.p/5", new Tile(Tile.ENTRIES, 0, 5).path());
    for (Tile each :
        List.of(
            new Tile(0, 0, 256),
            new Tile(3, 999, 1),
            new Tile(7, 1_000, 255),
            new Tile(Tile.ENTRIES, 123_456_789, 256))) {
      assertEquals(Optional.of(each), Tile.find(each.path()));
    }
    for (String none :
        List.of(
            "",
            "tile/8/000",
            "tile/0/x000/001",
            "tile/0/1",
            "tile/0/001.p/256",
            "tile/0/001.p/0",
            "tile/0/001.p/01",
            "/tile/0/001",
            "tile/0/../0/001",
            "tile/entries",
            "tile/0/" + "x999/".repeat(7) + "999")) {
      assertEquals(Optional.empty(), Tile.find(none), none);
    }
  }

  @Test
  void aTreeHasItsTilesAndNoMore() {
    assertTrue(new Tile(0, 1, 44).existsIn(300));
    assertTrue(new Tile(0, 1, 43).existsIn(300));
    assertFalse(new Tile(0, 1, 45).existsIn(300));
    assertTrue(new Tile(1, 0, 1).existsIn(300));
    assertFalse(new Tile(1, 0, 2).existsIn(300));
    assertFalse(new Tile(0, Long.MAX_VALUE / 256, 1).existsIn(Long.MAX_VALUE));
    assertEquals(Optional.of(new Tile(0, 1, 44)), new Tile(0, 1, 256).in(300));
    assertEquals(Optional.empty(), new Tile(0, 2, 256).in(300));
    assertEquals(2, Tile.levels(300));
    assertEquals(0, Tile.levels(0));
  }

  @Test
  void aBundleHoldsEachEntryBehindItsLength() {
    List<byte[]> entries = List.of(new byte[0], new byte[] {7}, new byte[65_535]);
    byte[] bundle = EntryBundle.bytes(entries);
    assertEquals(65_542, bundle.length);
    List<byte[]> read = EntryBundle.read(bundle);
    assertEquals(3, read.size());
    assertEquals(65_535, read.get(2).length);
    for (int cut : List.of(1, 3, 100)) {
      byte[] less = Arrays.copyOf(bundle, bundle.length - cut);
      assertThrows(IllegalArgumentException.class, () -> EntryBundle.read(less));
    }
    List<byte[]> tooLong = List.of(new byte[65_536]);
    assertThrows(IllegalArgumentException.class, () -> EntryBundle.bytes(tooLong));
  }
}
