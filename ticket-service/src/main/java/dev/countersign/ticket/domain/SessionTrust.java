package dev.countersign.ticket.domain;

import dev.countersign.events.ActionId;
import dev.countersign.events.Prompt;
import dev.countersign.events.StandingPermission;
import dev.countersign.events.TrustTerms;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A standing permission and what has been used of it.
///
/// @param id the action whose vote gave it
/// @param vote that vote
/// @param labels those of the fields that the prompt showed there
/// @param calls how many calls have used it
/// @param sum what their amounts come to; zero where no sum bounds it
/// @param revoked whether somebody ended it before its time
/// @param proven whether what the vote was given by counts still: the passkey is not revoked
public record SessionTrust(
    ActionId id,
    StandingPermission permission,
    Vote vote,
    Set<String> labels,
    int calls,
    BigDecimal sum,
    boolean revoked,
    boolean proven) {

  public SessionTrust {
    labels = Set.copyOf(labels);
  }

  /// When it ends by itself.
  public Instant until() {
    return vote.at().plus(permission.window());
  }

  /// Whether anything is left of it at this time.
  public boolean isInForce(Instant at) {
    return !revoked && proven && at.isBefore(until()) && calls < permission.calls();
  }

  /// Whether it covers one more call: the same agent, run and tool as the catalogue describes it
  /// now, within its own bounds and within those that the policy sets now.
  boolean covers(Question question, Instant at) {
    TrustOffer offer = question.offer();
    if (offer == null || !isInForce(at)) {
      return false;
    }
    TrustTerms terms = offer.terms();
    return permission.agent().equals(TrustOffer.key(question.action().agent()))
        && permission.tool().equals(question.action().tool())
        && permission.toolDigest().equals(offer.toolDigest())
        && calls < terms.calls()
        && at.isBefore(vote.at().plus(terms.window()))
        && Objects.equals(permission.condition(), terms.condition())
        && Objects.equals(permission.of(), terms.of())
        && hasRoomFor(offer.amount(), terms.sum())
        && showsTheSame(question.prompt());
  }

  private boolean hasRoomFor(@Nullable BigDecimal amount, @Nullable String most) {
    if (amount == null || most == null || permission.sum() == null) {
      return amount == null && most == null && permission.sum() == null;
    }
    BigDecimal then = sum.add(amount);
    return then.compareTo(new BigDecimal(permission.sum())) <= 0
        && then.compareTo(new BigDecimal(most)) <= 0;
  }

  /// What has a parameter more, or one less, than was looked at is asked about: no field that was
  /// left free stands for it.
  private boolean showsTheSame(Prompt prompt) {
    return labels.equals(labels(prompt))
        && permission.same().stream()
            .allMatch(same ->
                prompt.fields().stream()
                    .anyMatch(field ->
                        field.label().equals(same.label()) && field.value().equals(same.value())));
  }

  /// Those of the fields that a prompt shows.
  public static Set<String> labels(Prompt prompt) {
    return prompt.fields().stream().map(Prompt.Field::label).collect(Collectors.toSet());
  }

  /// What is left of it after one more call.
  public SessionTrust after(@Nullable BigDecimal amount) {
    return new SessionTrust(
        id,
        permission,
        vote,
        labels,
        calls + 1,
        amount == null ? sum : sum.add(amount),
        revoked,
        proven);
  }
}
