package dev.countersign.ticket.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Agent;
import dev.countersign.events.Digest;
import dev.countersign.events.Prompt;
import dev.countersign.events.StandingPermission;
import dev.countersign.events.StandingPermission.Same;
import dev.countersign.events.TrustTerms;
import dev.countersign.events.Verdict;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What an approver may permit for the session along with their answer to a question, and what it
/// takes for a standing permission to answer it. Absent from a question that is asked each time.
///
/// @param toolDigest that of the tool's entry in the catalogue
/// @param amount what this action adds to a sum; there if, and only if, the terms bound one
public record TrustOffer(Digest toolDigest, TrustTerms terms, @Nullable BigDecimal amount) {

  private static final Pattern AMOUNT = Pattern.compile("[0-9]{1,30}(\\.[0-9]{1,30})?");

  public TrustOffer {
    if ((terms.of() == null) != (amount == null)) {
      throw new IllegalArgumentException("an amount stands where a sum bounds it, and only there");
    }
  }

  /// What the policy's verdict offers. Nothing where the agent names no session, where one approval
  /// is not enough, or where the amount can't be summed.
  public static Optional<TrustOffer> of(Verdict.ApprovalRequired verdict) {
    String session = verdict.action().agent().session();
    Digest toolDigest = verdict.toolDigest();
    Optional<TrustTerms> terms = TrustTerms.of(verdict.requirement());
    if (session == null
        || session.isBlank()
        || toolDigest == null
        || terms.isEmpty()
        || verdict.requirement().votesNeeded() != 1) {
      return Optional.empty();
    }
    String of = terms.get().of();
    if (of == null) {
      return Optional.of(new TrustOffer(toolDigest, terms.get(), null));
    }
    return amount(verdict.facts().path(of))
        .map(amount -> new TrustOffer(toolDigest, terms.get(), amount));
  }

  private static Optional<BigDecimal> amount(JsonNode fact) {
    if (fact.isTextual() || fact.isIntegralNumber()) {
      return amount(fact.asText());
    }
    return Optional.empty();
  }

  private static Optional<BigDecimal> amount(String text) {
    return AMOUNT.matcher(text).matches() ? Optional.of(new BigDecimal(text)) : Optional.empty();
  }

  /// The permission that this wish comes to at a question; empty where the policy does not permit
  /// it. The same wish at the same question is the same permission, so that it can be signed first
  /// and given afterwards.
  public static Optional<StandingPermission> permission(Question question, TrustWish wish) {
    TrustOffer offer = question.offer();
    if (offer == null || !offer.permits(wish)) {
      return Optional.empty();
    }
    List<Prompt.Field> fields = question.prompt().fields();
    List<Same> same = new ArrayList<>();
    for (int each : wish.same().stream().sorted().toList()) {
      if (each < 0 || each >= fields.size()) {
        return Optional.empty();
      }
      same.add(new Same(fields.get(each).label(), fields.get(each).value()));
    }
    return Optional.of(
        new StandingPermission(
            key(question.action().agent()),
            question.action().tool(),
            offer.toolDigest,
            wish.calls(),
            wish.window(),
            wish.sum(),
            offer.terms.of(),
            offer.terms.condition(),
            same));
  }

  private boolean permits(TrustWish wish) {
    return wish.calls() >= 1
        && wish.calls() <= terms.calls()
        && wish.window().isPositive()
        && wish.window().compareTo(terms.window()) <= 0
        && permits(wish.sum());
  }

  private boolean permits(@Nullable String sum) {
    if (sum == null || terms.sum() == null) {
      return sum == null && terms.sum() == null;
    }
    return amount(sum)
        .filter(wanted -> wanted.compareTo(new BigDecimal(terms.sum())) <= 0)
        .isPresent();
  }

  /// Who is trusted: the owner of an agent is not part of it, as it is not part of an action.
  static Agent key(Agent agent) {
    return new Agent(agent.id(), agent.platform(), agent.session(), agent.onBehalfOf());
  }
}
