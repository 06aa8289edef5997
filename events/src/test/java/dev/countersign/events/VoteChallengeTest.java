package dev.countersign.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VoteChallengeTest {

  private static final ActionId ID = ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d");
  private static final ActionId OTHER = ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5e");
  private static final Digest ACTION = Digest.of(new byte[] {1});
  private static final Digest PROMPT = Digest.of(new byte[] {2});
  private static final Instant UNTIL = Instant.parse("2026-11-26T11:00:00.123456Z");
  private static final byte[] NONCE = new byte[VoteChallenge.NONCE_BYTES];

  private static VoteChallenge.Item item(ActionId id, Answer answer) {
    return new VoteChallenge.Item(id, 0, ACTION, PROMPT, answer, "alice", UNTIL, null);
  }

  @Test
  void itIsWhatTheContractSays() throws Exception {
    String json =
        """
        {"actionDigest":"%s","actionId":"%s","answer":"approve","approver":"alice",\
        "expiresAt":"2026-11-26T11:00:00.123456Z","promptDigest":"%s","ticketVersion":0}\
        """
            .formatted(ACTION, ID, PROMPT);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes("countersign-vote/v1".getBytes(UTF_8));
    all.write(0);
    all.writeBytes(NONCE);
    all.writeBytes(json.getBytes(UTF_8));
    assertArrayEquals(
        MessageDigest.getInstance("SHA-256").digest(all.toByteArray()),
        VoteChallenge.of(NONCE, item(ID, Answer.APPROVE)));
  }

  @Test
  void nothingThatWasSignedForOneVoteFitsAnother() {
    byte[] nonce = NONCE.clone();
    nonce[31] = 1;
    Set<String> all = new HashSet<>();
    List<byte[]> challenges =
        List.of(
            VoteChallenge.of(NONCE, item(ID, Answer.APPROVE)),
            VoteChallenge.of(NONCE, item(ID, Answer.REJECT)),
            VoteChallenge.of(NONCE, item(OTHER, Answer.APPROVE)),
            VoteChallenge.of(nonce, item(ID, Answer.APPROVE)),
            VoteChallenge.of(
                NONCE,
                new VoteChallenge.Item(
                    ID, 1, ACTION, PROMPT, Answer.APPROVE, "alice", UNTIL, null)),
            VoteChallenge.of(
                NONCE,
                new VoteChallenge.Item(
                    ID, 0, PROMPT, PROMPT, Answer.APPROVE, "alice", UNTIL, null)),
            VoteChallenge.of(
                NONCE,
                new VoteChallenge.Item(
                    ID, 0, ACTION, ACTION, Answer.APPROVE, "alice", UNTIL, null)),
            VoteChallenge.of(
                NONCE,
                new VoteChallenge.Item(ID, 0, ACTION, PROMPT, Answer.APPROVE, "bob", UNTIL, null)),
            VoteChallenge.of(
                NONCE,
                new VoteChallenge.Item(
                    ID, 0, ACTION, PROMPT, Answer.APPROVE, "alice", UNTIL.plusNanos(1), null)),
            VoteChallenge.of(
                NONCE,
                new VoteChallenge.Item(
                    ID, 0, ACTION, PROMPT, Answer.APPROVE, "alice", UNTIL, ACTION)),
            VoteChallenge.ofSet(NONCE, List.of(item(ID, Answer.APPROVE))),
            VoteChallenge.ofSet(
                NONCE, List.of(item(ID, Answer.APPROVE), item(OTHER, Answer.APPROVE))),
            VoteChallenge.ofSet(
                NONCE, List.of(item(ID, Answer.APPROVE), item(OTHER, Answer.REJECT))));
    challenges.forEach(each -> all.add(HexFormat.of().formatHex(each)));
    assertEquals(challenges.size(), all.size());
  }

  @Test
  void aSetIsTheSameInAnyOrder() {
    assertArrayEquals(
        VoteChallenge.ofSet(NONCE, List.of(item(ID, Answer.APPROVE), item(OTHER, Answer.REJECT))),
        VoteChallenge.ofSet(NONCE, List.of(item(OTHER, Answer.REJECT), item(ID, Answer.APPROVE))));
  }

  @Test
  void aShortNonceOrAnEmptySetIsNone() {
    assertThrows(
        IllegalArgumentException.class,
        () -> VoteChallenge.of(new byte[31], item(ID, Answer.APPROVE)));
    assertThrows(IllegalArgumentException.class, () -> VoteChallenge.ofSet(NONCE, List.of()));
  }
}
