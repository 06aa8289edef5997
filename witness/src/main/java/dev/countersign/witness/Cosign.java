package dev.countersign.witness;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.NoteSigner;
import dev.countersign.tlog.Proofs;
import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// Cosigns a checkpoint that continues what was cosigned before, and keeps it first (C2SP
/// tlog-witness). For any number of threads: those that mean the same log come one after the other.
final class Cosign {

  private final NoteSigner signer;
  private final KnownLogs logs;
  private final Seen seen;
  private final InstantSource clock;

  /// One a log that is known; others never get here.
  private final Map<String, ReentrantLock> turns = new ConcurrentHashMap<>();

  Cosign(NoteSigner signer, KnownLogs logs, Seen seen, InstantSource clock) {
    this.signer = signer;
    this.logs = logs;
    this.seen = seen;
    this.clock = clock;
  }

  Answer add(byte[] body) {
    Submission submission;
    try {
      submission = Submission.read(body);
    } catch (IllegalArgumentException e) {
      return new Answer.Refused(Reason.MALFORMED, "", String.valueOf(e.getMessage()));
    }
    List<VerifierKey> keys = logs.of(submission.origin());
    if (keys.isEmpty()) {
      return refused(Reason.UNKNOWN_LOG, submission, "no key of this log is known here");
    }
    Optional<Note.Signature> signature = submission.signatureBy(keys);
    if (signature.isEmpty()) {
      return refused(
          Reason.NO_GOOD_SIGNATURE,
          submission,
          "no signature under the checkpoint is good and by a key of this log that is known here");
    }
    if (submission.old() > submission.checkpoint().size()) {
      return refused(
          Reason.SMALLER_THAN_OLD,
          submission,
          "the checkpoint has fewer entries than the log goes on from: the log shrank"
              + evidence(submission, signature.get()));
    }
    ReentrantLock turn = turns.computeIfAbsent(submission.origin(), _ -> new ReentrantLock());
    turn.lock();
    try {
      return inTurn(submission, signature.get());
    } catch (IOException e) {
      return refused(
          Reason.STORE,
          submission,
          "what this log was can't be read or what it is can't be kept: " + e.getMessage());
    } finally {
      turn.unlock();
    }
  }

  private Answer inTurn(Submission submission, Note.Signature signature) throws IOException {
    Checkpoint asked = submission.checkpoint();
    Checkpoint held =
        seen.find(asked.origin())
            .map(note -> Checkpoint.read(note.text()))
            .orElseGet(() -> new Checkpoint(asked.origin(), 0, Hash.EMPTY_TREE));
    if (submission.old() != held.size()) {
      return new Answer.OtherSize(held.size(), submission.about(), otherSize(submission, held));
    }
    if (asked.size() == held.size() && !asked.root().equals(held.root())) {
      return refused(
          Reason.FORKED,
          submission,
          "the log has forked: with as many entries it had the root "
              + held.root().base64()
              + evidence(submission, signature));
    }
    if (!Proofs.extendsTree(
        held.root(), held.size(), asked.root(), asked.size(), submission.proof())) {
      return refused(
          Reason.NOT_CONSISTENT,
          submission,
          "nothing proves that the log begins with what was cosigned: it has forked, or its proof is"
              + " wrong"
              + evidence(submission, signature));
    }
    Note.Signature cosignature = signer.signature(submission.note().text(), clock.instant());
    // Also where it is the same again: the one of before may have been seen, and never made
    // durable.
    seen.keep(asked.origin(), new Note(submission.note().text(), List.of(signature, cosignature)));
    return new Answer.Cosigned(asked, cosignature);
  }

  private static String otherSize(Submission submission, Checkpoint held) {
    if (submission.old() > held.size()) {
      return "the log goes on from more entries than this witness ever cosigned, " + held.size();
    }
    return submission.checkpoint().size() < held.size()
        ? "%d entries were cosigned before: this one comes late, or the log shrank"
            .formatted(held.size())
        : "the log goes on from fewer entries than were cosigned, " + held.size();
  }

  /// What proves to others that the log signed this, beside what was cosigned before.
  private static String evidence(Submission submission, Note.Signature signature) {
    return "; it signed the root "
        + submission.checkpoint().root().base64()
        + ": "
        + signature.line().strip();
  }

  private static Answer refused(Reason reason, Submission submission, String sentence) {
    return new Answer.Refused(reason, submission.about(), sentence);
  }
}
