package dev.countersign.policy.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.Digest;
import dev.countersign.events.Reason;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Rejected;
import dev.countersign.messaging.Unavailable;
import dev.countersign.policy.domain.PolicyEngine;
import dev.countersign.policy.domain.Signer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Makes a verdict of what a stranger sent. What is no proposal is refused, and its proposer is
/// told so wherever the record still says which action it is about.
@ApplicationScoped
class JudgeProposals implements Decoder<Judged> {

  private final PolicyInForce policy;
  private final ProposalSignatures signatures;
  private final Clock clock = Clock.systemUTC();

  private static final Logger LOG = Logger.getLogger(JudgeProposals.class);

  @Inject
  JudgeProposals(PolicyInForce policy, ProposalSignatures signatures) {
    this.policy = policy;
    this.signatures = signatures;
  }

  @Override
  public Judged decode(Envelope envelope) throws Rejected {
    // Before anything in it is read: whoever can't say who they are gets no id answered.
    Signer signer = signatures.of(envelope);
    ActionProposed proposal;
    try {
      proposal = ActionProposed.read(envelope.data());
    } catch (Bounds.OutOfBounds e) {
      return refused(
          envelope.data(),
          envelope.subject(),
          envelope.raw(),
          new Rejected(e.code(), e.sentence()));
    }
    if (!signer.speaksFor(proposal.agent())) {
      throw new Rejected(
          "not-your-platform",
          ("its signer speaks for the platform \"%s\"; put that into agent.platform, or sign with the"
                  + " other platform's key")
              .formatted(signer.platform()));
    }
    // Nothing is judged without rules; it waits, and readiness says so, until there are some.
    PolicyEngine engine =
        policy.find().orElseThrow(() -> new Unavailable("no policy is in force yet"));
    Verdict verdict;
    try {
      verdict = engine.evaluate(proposal, clock.instant());
    } catch (RuntimeException | StackOverflowError e) {
      // A bug of ours, or a catalogue that refers to itself: its proposer still gets an answer.
      LOG.errorf(e, "Judging failed actionId=%s", proposal.actionId());
      return refused(
          envelope.data(),
          envelope.subject(),
          envelope.raw(),
          new Rejected("judge-failed", "it could not be judged; tell the operator"));
    }
    // Taken from the verdict where it stands: canonicalizing costs a third of the judging.
    Digest known =
        switch (verdict) {
          case Verdict.Allowed allowed -> allowed.actionDigest();
          case Verdict.ApprovalRequired required -> required.actionDigest();
          case Verdict.Denied denied -> denied.actionDigest();
          case Verdict.Refused refused -> refused.actionDigest();
        };
    return new Judged(
        verdict,
        known == null ? proposal.digest() : known,
        engine.restsOnPreconditions(proposal.tool()),
        null);
  }

  @Override
  public Judged undecodable(ConsumerRecord<byte[], byte[]> raw, Rejected why) throws Rejected {
    if (signatures.required()) {
      throw why;
    }
    byte[] value = raw.value() == null ? new byte[0] : raw.value();
    return refused(value, Envelope.header(raw, "ce_subject"), raw, why);
  }

  private Judged refused(
      byte[] data, @Nullable String subject, ConsumerRecord<byte[], byte[]> raw, Rejected why)
      throws Rejected {
    Optional<ActionId> signed = ActionProposed.findActionId(data);
    // Nobody has signed the record's subject and key.
    ActionId id =
        (signatures.required()
                ? signed
                : signed.or(() -> actionId(subject)).or(() -> actionId(raw)))
            .orElseThrow(() -> why);
    return new Judged(
        new Verdict.Refused(
            id,
            clock.instant(),
            null,
            new Reason(why.reason(), "The proposal is refused: " + why.detail())),
        Digest.of(data),
        false,
        why);
  }

  private static Optional<ActionId> actionId(ConsumerRecord<byte[], byte[]> raw) {
    return actionId(raw.key() == null ? null : new String(raw.key(), StandardCharsets.UTF_8));
  }

  private static Optional<ActionId> actionId(@Nullable String text) {
    try {
      return text == null ? Optional.empty() : Optional.of(ActionId.of(text));
    } catch (IllegalArgumentException _) {
      // Not every key is an id, and then it names nobody to tell.
      return Optional.empty();
    }
  }
}
