package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Card;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import dev.countersign.events.Rule;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Rejected;
import dev.countersign.ticket.domain.LiftFreeze;
import dev.countersign.ticket.domain.Opening;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.TicketMachine;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Reads verdicts and judges whether they can be answered, on a worker thread.
@ApplicationScoped
public class JudgeVerdicts implements Decoder<Judgement> {

  private static final String CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

  private final Roster roster;
  private final Clock clock = Clock.systemUTC();

  @Inject
  JudgeVerdicts(Roster roster) {
    this.roster = roster;
  }

  /// Reads a verdict and judges whether it can be answered; on a worker thread.
  @Override
  public Judgement decode(Envelope envelope) throws Rejected {
    return switch (EventJson.read(envelope.data(), Verdict.class)) {
      case Verdict.Allowed allowed -> {
        checkDigest(allowed.action().digest(allowed.actionId()), allowed.actionDigest());
        yield new Judgement.Allows(allowed, allowedBy(allowed.rules()));
      }
      case Verdict.ApprovalRequired required -> opens(required);
      case Verdict.Denied denied ->
          new Judgement.SaysNo(
              denied.actionId(),
              denied.actionDigest(),
              denied.action(),
              Decision.Outcome.DENIED,
              denied.reason(),
              denied.batch());
      case Verdict.Refused refused ->
          new Judgement.SaysNo(
              refused.actionId(),
              refused.actionDigest(),
              null,
              Decision.Outcome.REFUSED,
              refused.reason(),
              null);
    };
  }

  private Judgement opens(Verdict.ApprovalRequired required) throws Rejected {
    checkDigest(required.action().digest(required.actionId()), required.actionDigest());
    checkDigest(required.prompt().actionDigest(), required.actionDigest());
    Optional<Reason> tooLittle =
        LiftFreeze.refusal(required.action().tool(), required.requirement());
    if (tooLittle.isPresent()) {
      return refuses(required, tooLittle.get());
    }
    // The roster's days are not the ticket's deadline: this machine's clock is good enough here.
    Opening opening =
        TicketMachine.open(
            required.requirement(), roster.electorate(required.action().agent(), clock.instant()));
    return switch (opening) {
      case Opening.Opens opens ->
          new Judgement.Opens(
              required,
              required.prompt().digest(),
              new Card(
                  required.card().title(),
                  required.card().target(),
                  shortCode(required.actionId())),
              Question.digestOf(required.action()),
              opens.approvers());
      case Opening.Unsatisfiable unsatisfiable -> refuses(required, unsatisfiable.reason());
    };
  }

  private static Judgement refuses(Verdict.ApprovalRequired required, Reason reason) {
    return new Judgement.SaysNo(
        required.actionId(),
        required.actionDigest(),
        required.action(),
        Decision.Outcome.REFUSED,
        reason,
        required.batch());
  }

  // A grant is made out for the digest, and people read the action: they must be one.
  private static void checkDigest(Digest taken, Digest said) throws Rejected {
    if (!taken.equals(said)) {
      throw new Rejected("digest", "actionDigest is not that of the action; publish it anew");
    }
  }

  /// What a person reads out to say which ticket they mean: the same for a retry.
  static String shortCode(ActionId id) {
    int bits =
        ByteBuffer.wrap(
                Digest.of(id.toString().getBytes(StandardCharsets.UTF_8))
                    .value()
                    .getBytes(StandardCharsets.UTF_8))
            .getInt(8 + "sha256:".length());
    StringBuilder code = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      code.append(CODE_LETTERS.charAt((bits >>> (8 * i)) & 31));
    }
    return code.insert(2, '-').toString();
  }

  private static Reason allowedBy(List<Rule> rules) {
    String says = rules.stream().map(Rule::says).collect(Collectors.joining("; "));
    return new Reason(
        "allowed-by-policy", says.isEmpty() ? "The policy allows it." : "The policy: " + says);
  }
}
