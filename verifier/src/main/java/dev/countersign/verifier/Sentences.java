package dev.countersign.verifier;

import dev.countersign.events.Answer;
import dev.countersign.events.Assertion;
import dev.countersign.events.Decision;
import dev.countersign.events.Shown;
import dev.countersign.verifier.AttestationVerifier.Attested;
import dev.countersign.verifier.PermissionVerifier.Permission;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// What is proven, said to a person: who, what, when, by which assurance.
final class Sentences {

  private Sentences() {}

  static String of(Attested attested) {
    return "%s %s “%s” to %s (action %s) at %s, %s. Signed by the ticket service, key %s."
        .formatted(
            Shown.text(attested.vote().approver()),
            verb(attested.vote().answer()),
            Shown.text(attested.prompt().title()),
            Shown.text(attested.prompt().target()),
            attested.vote().actionId(),
            attested.vote().at(),
            assurance(attested),
            Shown.text(attested.kid()));
  }

  /// What was permitted, and who stands behind it.
  static String of(Permission permission) {
    Decision decision = permission.decision();
    String how =
        switch (Objects.requireNonNull(decision.basis(), "checked")) {
          case POLICY -> " by the policy, without asking anybody";
          case VOTES -> "";
          case TRUST -> " by the trust that was given to the session";
        };
    return "Approved at %s%s.%s Permitted by a grant of the ticket service, key %s."
        .formatted(decision.at(), how, followed(permission.votes()), Shown.text(permission.kid()));
  }

  /// A no, of which nothing is signed but the votes.
  static String ofNo(Decision decision, List<Attested> votes) {
    boolean signed = votes.stream().anyMatch(each -> each.vote().answer() == Answer.REJECT);
    return "%s at %s%s.%s"
        .formatted(
            switch (decision.outcome()) {
              case APPROVED -> throw new IllegalArgumentException("an approval is no no");
              case REJECTED -> "Rejected";
              case DENIED -> "Denied";
              case CANCELLED -> "Cancelled";
              case REFUSED -> "Refused";
            },
            decision.at(),
            signed ? "" : ", by a record that nobody signs",
            followed(votes));
  }

  private static String followed(List<Attested> votes) {
    return votes.stream().map(each -> " " + of(each)).collect(Collectors.joining());
  }

  /// That the log holds the entries, and which of them can't say any more what they held.
  static String of(List<EvidenceFile.Item> entries) {
    List<String> erased =
        entries.stream()
            .filter(EvidenceFile.Item::erased)
            .map(each -> each.index() + " (" + Shown.text(each.topic()) + ")")
            .toList();
    return " The log holds its "
        + entries.size()
        + " entries, each as it was written."
        + (erased.isEmpty()
            ? ""
            : " What "
                + erased.size()
                + " of them held was erased and can't be proven any more: "
                + String.join(", ", erased)
                + ".");
  }

  private static String verb(Answer answer) {
    return switch (answer) {
      case APPROVE -> "approved";
      case REJECT -> "rejected";
    };
  }

  private static String assurance(Attested attested) {
    Assertion assertion = attested.vote().assertion();
    return switch (attested.vote().assurance()) {
      case SIGNED_IN -> "signed in, for which the ticket service vouches";
      case CODE -> "by a mailed code, for which the ticket service vouches";
      case CHANNEL -> "by a channel's signed callback, for which the ticket service vouches";
      case PASSKEY ->
          "with a passkey that verified the person"
              + (assertion == null ? "" : ", at " + Shown.text(assertion.origin().toString()));
    };
  }
}
