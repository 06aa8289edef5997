package dev.countersign.ticket.domain;

import dev.countersign.events.VoteChallenge;
import java.util.Comparator;
import java.util.List;

/// What one assertion is to answer: one vote, or a set of them. Two that hold the same are equal.
///
/// @param set whether the challenge is that of a set, which one vote alone can be too
public record Votes(List<VoteChallenge.Item> items, boolean set) {

  public Votes {
    items =
        items.stream().sorted(Comparator.comparing(item -> item.actionId().toString())).toList();
    if (items.isEmpty() || (!set && items.size() > 1)) {
      throw new IllegalArgumentException("one vote, or a set of at least one");
    }
    if (items.stream().map(VoteChallenge.Item::actionId).distinct().count() < items.size()) {
      throw new IllegalArgumentException("two votes on one ticket");
    }
  }

  public static Votes of(VoteChallenge.Item item) {
    return new Votes(List.of(item), false);
  }

  public static Votes ofSet(List<VoteChallenge.Item> items) {
    return new Votes(items, true);
  }

  /// What a passkey signs for them.
  public byte[] challenge(byte[] nonce) {
    return set ? VoteChallenge.ofSet(nonce, items) : VoteChallenge.of(nonce, items.getFirst());
  }
}
