package dev.countersign.audit.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words of the document that an auditor reads.
@MessageBundle("evidence")
interface EvidenceWords {

  @Message("Evidence of an action")
  String title();

  @Message("Countersign · evidence of action {id} · page {page} of {pages}")
  String foot(String id, int page, int pages);

  @Message("NOT VERIFIED · Countersign · action {id} · page {page} of {pages}")
  String footUnproven(String id, int page, int pages);

  @Message("Made at {moment} from the log {log}. Times are UTC.")
  String madeAt(String moment, String log);

  @Message("Verified when this was made, with the keys on the last pages:")
  String proven();

  @Message("NOT VERIFIED. Do not rely on this document.")
  String wrong();

  @Message("NOT VERIFIABLE. What follows is only what the log still holds.")
  String notVerifiable();

  @Message("{who} approved “{title}” ({target}) at {moment}, {how}")
  String approved(String who, String title, String target, String moment, String how);

  @Message("{who} rejected “{title}” ({target}) at {moment}, {how}")
  String rejected(String who, String title, String target, String moment, String how);

  @Message("the policy itself allowed {call} at {moment}, and nobody was asked")
  String byPolicy(String call, String moment);

  @Message(
      "a standing permission that a person had given for the session allowed {call} at {moment}")
  String byTrust(String call, String moment);

  @Message("approved with that at {moment}")
  String byVotes(String moment);

  @Message("the policy denied it at {moment} ({why})")
  String denied(String moment, String why);

  @Message("it was refused at {moment} ({why})")
  String refused(String moment, String why);

  @Message("it was cancelled at {moment}")
  String cancelled(String moment);

  @Message("rejected with that at {moment}")
  String turnedDown(String moment);

  @Message(
      "the deadline passed at {moment} without the approvals that were asked for, so the answer was no")
  String expired(String moment);

  @Message("there is no final answer in the log yet")
  String undecided();

  @Message("it was carried out and succeeded at {moment}")
  String succeeded(String moment);

  @Message("it was carried out and failed at {moment}")
  String failed(String moment);

  @Message("it was not carried out, because what it rested on had changed by {moment}")
  String preconditionFailed(String moment);

  @Message("carrying it out was refused at {moment}")
  String notCarriedOut(String moment);

  @Message("how it ended was not certain at {moment}")
  String unknown(String moment);

  @Message("how it ended is not in the log yet")
  String notEnded();

  @Message("signed in")
  String signedIn();

  @Message("by a mailed code")
  String code();

  @Message("by a channel’s signed callback")
  String channel();

  @Message("with a passkey that verified the person")
  String passkey();

  @Message("How to verify it yourself")
  String verifyYourself();

  @Message(
      "The file that was looked at is attached to this document. Take it out, and see what the"
          + " command says of it, with public keys that you have from elsewhere:")
  String lookYourself();

  @Message(
      "The file that proves all of this is attached to this document. Take it out, and verify it without this server, with public keys that you have from the services themselves (/vkey, /.well-known/jwks.json) or from somebody you trust, compared by the fingerprints on the last pages:")
  String verifySteps();

  @Message("What the approvers were shown")
  String shown();

  @Message("What would have been shown")
  String shownNobody();

  @Message("The agent’s own words. Nobody has checked them.")
  String agentSays();

  @Message("The proposal")
  String proposal();

  @Message("Parameters, as the agent gave them")
  String parameters();

  @Message("Rules and facts")
  String rulesAndFacts();

  @Message("What was asked for")
  String asked();

  @Message("Votes")
  String votes();

  @Message("Decision")
  String decision();

  @Message("Grant (permission for exactly this action, once)")
  String grant();

  @Message("Execution")
  String execution();

  @Message("What was said later of how it ended")
  String lateOutcome();

  @Message("Standing permission")
  String trust();

  @Message("Oversight")
  String oversight();

  @Message("All entries of this action, in the log’s order")
  String entries();

  @Message("erased")
  String erased();

  @Message("Proofs")
  String proofs();

  @Message(
      "Each entry is a leaf of the log’s Merkle tree (RFC 6962). The hashes that lead from each leaf to the checkpoint’s root stand in the attached file.")
  String proofsSay();

  @Message("Checkpoint, with the signatures of the log and its witnesses")
  String checkpoint();

  @Message("cosigned by {witness} at {moment}")
  String cosigned(String witness, String moment);

  @Message("no witness has cosigned it")
  String notCosigned();

  @Message("Keys (fingerprint: SHA-256 over the SubjectPublicKeyInfo)")
  String keys();

  @Message("the log")
  String logKey();

  @Message("the witness")
  String witnessKey();

  @Message("attestations")
  String attestationKey();

  @Message("Action")
  String action();

  @Message("Title")
  String what();

  @Message("Target")
  String target();

  @Message("Effect")
  String effect();

  @Message("Risks")
  String risks();

  @Message("Rests on: {label}")
  String restsOn(String label);

  @Message("Rollback plan, in the agent’s words")
  String rollback();

  @Message("Summary")
  String summary();

  @Message("Reason")
  String why();

  @Message("Expected effect")
  String expected();

  @Message("Confidence")
  String confidence();

  @Message("Agent")
  String agent();

  @Message("Platform")
  String platform();

  @Message("Session")
  String session();

  @Message("On behalf of")
  String onBehalfOf();

  @Message("Owner")
  String owner();

  @Message("Tool")
  String tool();

  @Message("At")
  String at();

  @Message("Verdict")
  String verdict();

  @Message("Rule")
  String rule();

  @Message("Facts")
  String facts();

  @Message("Policy version")
  String policyVersion();

  @Message("Action digest")
  String actionDigest();

  @Message("Prompt digest")
  String promptDigest();

  @Message("{count} of {groups}")
  String quorum(int count, String groups);

  @Message("Who must approve")
  String whoMustApprove();

  @Message("Assurance")
  String assurance();

  @Message("Deadline")
  String deadline();

  @Message("Answer")
  String answer();

  @Message("Person")
  String person();

  @Message("Attested with key")
  String signedBy();

  @Message("Site of the passkey")
  String site();

  @Message("Outcome")
  String outcome();

  @Message("Basis")
  String basis();

  @Message("For the toolset")
  String audience();

  @Message("Valid")
  String validity();

  @Message("Approvals in it")
  String approvals();

  @Message("Started")
  String started();

  @Message("Finished")
  String finished();

  @Message("Attempt")
  String attempt();

  @Message("Result")
  String result();

  @Message("Digest of the response")
  String resultDigest();

  @Message("Reported by")
  String reportedBy();

  @Message("Change")
  String change();

  @Message("Bounds")
  String bounds();

  @Message("{count} calls, until {until}")
  String calls(int count, String until);

  @Message("{sum} in all")
  String sum(String sum);

  @Message("Used so far")
  String used();

  @Message("By")
  String by();

  @Message("Found")
  String found();
}
