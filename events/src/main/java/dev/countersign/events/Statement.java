package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an attestation says: how one approver answered one question, as an in-toto Statement v1
/// (`spec/v1/statement.md` of github.com/in-toto/attestation). It is the payload of a {@link
/// DsseEnvelope}.
///
/// @param type always {@link #TYPE}
/// @param subject the action, and nothing else
/// @param predicateType always {@link #APPROVAL}
public record Statement(
    @JsonProperty("_type") String type,
    List<Subject> subject,
    String predicateType,
    Approval predicate) {

  /// The type of an in-toto Statement v1.
  public static final String TYPE = "https://in-toto.io/Statement/v1";

  /// The type of its predicate.
  public static final String APPROVAL = "urn:countersign:approval:v1";

  private static final String SHA256 = "sha256";

  @SuppressWarnings("NullAway") // absent on the wire is empty
  public Statement {
    subject = subject == null ? List.of() : List.copyOf(subject);
  }

  /// The statement about an action of this digest.
  public static Statement of(Digest actionDigest, Approval predicate) {
    return new Statement(
        TYPE,
        List.of(new Subject(predicate.actionId().toString(), Map.of(SHA256, actionDigest.hex()))),
        APPROVAL,
        predicate);
  }

  /// A resource descriptor of in-toto.
  ///
  /// @param name the `actionId`
  /// @param digest `sha256` → the action's digest, as 64 hex digits
  public record Subject(String name, Map<String, String> digest) {
    @SuppressWarnings("NullAway") // absent on the wire is empty
    public Subject {
      digest = digest == null ? Map.of() : Map.copyOf(digest);
    }
  }

  /// A vote with everything that it takes to verify it later.
  ///
  /// @param at when it counted, by the database's clock
  /// @param prompt exactly what was shown, as JSON, so that a member of a later release is digested
  ///   too
  /// @param promptDigest SHA-256 of its RFC 8785 form
  /// @param ticketVersion the version of the ticket that was looked at, from 0
  /// @param nonce 32 bytes as base64url without padding
  /// @param expiresAt the ticket's deadline
  /// @param trust the digest of the standing permission that was given with it; absent where none
  ///   was
  /// @param set the votes that were signed at once by the same assertion, this one among them;
  ///   absent where the assertion is for this vote alone
  /// @param assertion the passkey's; absent where the assurance is none that leaves one
  public record Approval(
      ActionId actionId,
      Answer answer,
      String approver,
      Instant at,
      Assurance assurance,
      JsonNode prompt,
      Digest promptDigest,
      Digest policyVersion,
      int ticketVersion,
      String nonce,
      Instant expiresAt,
      @Nullable Digest trust,
      @Nullable List<VoteChallenge.Item> set,
      @Nullable Assertion assertion) {
    public Approval {
      set = set == null ? null : List.copyOf(set);
    }
  }

  /// The action's digest. Throws `IllegalArgumentException` where the subject is not one action.
  public Digest actionDigest() {
    if (subject.size() != 1) {
      throw new IllegalArgumentException("the subject is not one action");
    }
    String hex = subject.getFirst().digest().get(SHA256);
    if (hex == null) {
      throw new IllegalArgumentException("the subject has no sha256 digest");
    }
    return Digest.ofHex(hex);
  }

  /// What the passkey was asked to sign for this vote.
  public VoteChallenge.Item item() {
    return new VoteChallenge.Item(
        predicate.actionId(),
        predicate.ticketVersion(),
        actionDigest(),
        predicate.promptDigest(),
        predicate.answer(),
        predicate.approver(),
        predicate.expiresAt(),
        predicate.trust());
  }
}
