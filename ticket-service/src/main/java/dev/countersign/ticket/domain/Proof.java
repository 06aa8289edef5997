package dev.countersign.ticket.domain;

import dev.countersign.events.Assertion;
import dev.countersign.events.VoteChallenge;
import java.util.List;

/// What a passkey gave for a vote, already verified, and kept so that others can verify it again.
///
/// @param nonce 32 bytes as base64url without padding: with `items` they make the challenge
/// @param items the votes that were given by this one assertion, this one among them; more than one
///   where a set was answered at once
/// @param set whether the challenge is that of a set ({@link VoteChallenge#ofSet})
public record Proof(
    String nonce, Assertion assertion, List<VoteChallenge.Item> items, boolean set) {
  public Proof {
    items = List.copyOf(items);
  }
}
