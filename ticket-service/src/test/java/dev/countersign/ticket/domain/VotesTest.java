package dev.countersign.ticket.domain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Digest;
import dev.countersign.events.VoteChallenge;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class VotesTest {

  private static final byte[] NONCE = new byte[VoteChallenge.NONCE_BYTES];
  private static final VoteChallenge.Item ONE = item(1, Answer.APPROVE);
  private static final VoteChallenge.Item TWO = item(2, Answer.REJECT);

  private static VoteChallenge.Item item(long id, Answer answer) {
    return new VoteChallenge.Item(
        new ActionId(new UUID(0, id)),
        0,
        Digest.of(new byte[] {1}),
        Digest.of(new byte[] {2}),
        answer,
        "alice",
        Instant.parse("2026-11-21T09:00:00Z"),
        null);
  }

  @Test
  void theSameVotesAreTheSameInAnyOrder() {
    Votes votes = Votes.ofSet(List.of(ONE, TWO));
    assertEquals(votes, Votes.ofSet(List.of(TWO, ONE)));
    assertArrayEquals(VoteChallenge.ofSet(NONCE, List.of(ONE, TWO)), votes.challenge(NONCE));
  }

  @Test
  void oneVoteIsAnotherChallengeThanASetOfOne() {
    assertArrayEquals(VoteChallenge.of(NONCE, ONE), Votes.of(ONE).challenge(NONCE));
    assertFalse(
        Arrays.equals(Votes.of(ONE).challenge(NONCE), Votes.ofSet(List.of(ONE)).challenge(NONCE)));
  }

  @Test
  void aTicketIsAnsweredOnceInASet() {
    assertThrows(
        IllegalArgumentException.class, () -> Votes.ofSet(List.of(ONE, item(1, Answer.REJECT))));
    assertThrows(IllegalArgumentException.class, () -> Votes.ofSet(List.of()));
  }
}
