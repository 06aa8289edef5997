package dev.countersign.events;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a passkey signs when a person votes: everything that the vote is about. Approve and reject
/// are different challenges, and nothing that was signed for one question fits another.
///
/// ```
/// one vote   SHA-256("countersign-vote/v1"       ‖ 0x00 ‖ nonce32 ‖ RFC 8785({…}))
/// a set      SHA-256("countersign-batch-vote/v1" ‖ 0x00 ‖ nonce32 ‖ RFC 8785([{…}, {…}]))
/// ```
///
/// A set is in the order of the action ids, so that the same votes are the same challenge.
public final class VoteChallenge {

  /// The length of the nonce, in bytes.
  public static final int NONCE_BYTES = 32;

  private static final byte[] ONE = "countersign-vote/v1".getBytes(US_ASCII);
  private static final byte[] SET = "countersign-batch-vote/v1".getBytes(US_ASCII);

  private VoteChallenge() {}

  /// One answer to one question, as it was shown.
  ///
  /// @param ticketVersion the version of the ticket that was looked at, from 0
  /// @param expiresAt the ticket's deadline
  /// @param trust the digest of the standing permission that is given with it; absent, also from
  ///   what is hashed, where none is
  public record Item(
      ActionId actionId,
      int ticketVersion,
      Digest actionDigest,
      Digest promptDigest,
      Answer answer,
      String approver,
      Instant expiresAt,
      @Nullable Digest trust) {

    private ObjectNode json() {
      ObjectNode json =
          JsonNodeFactory.instance
              .objectNode()
              .put("actionId", actionId.toString())
              .put("ticketVersion", ticketVersion)
              .put("actionDigest", actionDigest.value())
              .put("promptDigest", promptDigest.value())
              .put("answer", EventJson.tree(answer).textValue())
              .put("approver", approver)
              .put("expiresAt", expiresAt.toString());
      if (trust != null) {
        json.put("trust", trust.value());
      }
      return json;
    }
  }

  /// The challenge of one vote. Throws `IllegalArgumentException` where the nonce is not 32 bytes.
  public static byte[] of(byte[] nonce, Item item) {
    return hash(ONE, nonce, Canonical.bytes(item.json()));
  }

  /// The challenge of votes that are given at once; the same one item alone is another challenge.
  public static byte[] ofSet(byte[] nonce, List<Item> items) {
    if (items.isEmpty()) {
      throw new IllegalArgumentException("a set of votes has at least one");
    }
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    items.stream()
        .sorted((a, b) -> a.actionId().toString().compareTo(b.actionId().toString()))
        .forEach(item -> json.add(item.json()));
    return hash(SET, nonce, Canonical.bytes(json));
  }

  private static byte[] hash(byte[] purpose, byte[] nonce, byte[] json) {
    if (nonce.length != NONCE_BYTES) {
      throw new IllegalArgumentException("the nonce of a vote has " + NONCE_BYTES + " bytes");
    }
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(purpose);
      sha256.update((byte) 0);
      sha256.update(nonce);
      return sha256.digest(json);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
