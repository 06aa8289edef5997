package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words of a ticket's page and of its cover.
@MessageBundle("decide")
interface DecideWords {

  @Message("{time} left")
  String left(String time);

  @Message("the deadline has passed")
  String passed();

  @Message("Ticket")
  String ticket();

  @Message("What happened")
  String happened();

  @Message("What the agent was told")
  String told();

  @Message("What will happen")
  String willHappen();

  @Message("What was asked")
  String asked();

  @Message("How things stood when you were asked")
  String rests();

  @Message("Read just before you were asked. If it is not so any more, it won't run.")
  String restsHint();

  @Message("Requested by")
  String requestedBy();

  @Message("Agent")
  String agent();

  @Message("Platform")
  String platform();

  @Message("Run")
  String run();

  @Message("On behalf of")
  String onBehalfOf();

  @Message("Owner")
  String owner();

  @Message("Why we ask")
  String why();

  @Message("The agent’s own words, unverified")
  String agentSays();

  @Message("Summary")
  String summary();

  @Message("Reason")
  String reason();

  @Message("Expected effect")
  String expectedEffect();

  @Message("Its own confidence")
  String confidence();

  @Message("It gave no reason.")
  String noReason();

  @Message("Rollback plan")
  String rollback();

  @Message("What the agent promised if it goes wrong")
  String promised();

  @Message("The agent’s own words, unverified. Nothing of it runs by itself.")
  String promisedHint();

  @Message("The agent promised no rollback plan.")
  String nonePromised();

  @Message("none declared")
  String noRollback();

  @Message("Exact parameters of")
  String parameters();

  @Message("Answers so far")
  String answers();

  @Message("{approvals} of {needed} {#if needed == 1}approval{#else}approvals{/if}")
  String progress(int approvals, int needed);

  @Message("Still to come from:")
  String lacking();

  @Message("approved")
  String voteApproved();

  @Message("rejected")
  String voteRejected();

  @Message("The deadline is {moment}. If nobody answers by then, the answer is no.")
  String deadline(String moment);

  @Message("Your answer")
  String yourAnswer();

  @Message("This request is yours, or made on your behalf. Somebody else must answer it.")
  String behind();

  @Message("You are not among the people who may answer this.")
  String notYours();

  @Message("You approved. It waits for the others; you can still reject.")
  String youApproved();

  @Message("To approve, type:")
  String toApprove();

  @Message("If you reject: what should the agent do instead?")
  String instead();

  @Message("(optional; the agent reads this)")
  String insteadHint();

  @Message("Reject")
  String reject();

  @Message("Approve")
  String approve();

  @Message("Waiting for an answer")
  String pending();

  @Message("Approved")
  String approved();

  @Message("Approved by {names}")
  String approvedBy(String names);

  @Message("Approved by the policy")
  String approvedByPolicy();

  @Message("Rejected")
  String rejected();

  @Message("Rejected by {name}")
  String rejectedBy(String name);

  @Message("Expired: nobody answered in time, so the answer is no")
  String expired();

  @Message("Cancelled by the proposer")
  String cancelled();

  @Message("Denied by the policy")
  String denied();

  @Message("Refused")
  String refused();

  @Message("An action that no person was asked about")
  String nobodyAsked();

  @Message("No person was asked about this.")
  String nobodyAskedSentence();

  @Message(
      "You are not among the people who may answer this, so its card is all there is to see here.")
  String cardOnly();

  @Message("Sign in to see it")
  String signInToSee();

  @Message("Signed in already?")
  String signedIn();

  @Message("Show the ticket")
  String show();

  @Message("No such ticket")
  String noSuchTicket();

  @Message(
      "There is no ticket at this address. Open the link in the mail once more, or look at your"
          + " inbox.")
  String noSuchTicketSentence();

  @Message("Not an answer")
  String notAnAnswer();

  @Message(
      "The form was incomplete and nothing was changed. Open the ticket again and press Approve or"
          + " Reject.")
  String incomplete();

  @Message("The tool reports: {what}")
  String reportedByTool(String what);

  @Message("The system that ran it said later: {what}")
  String saidLater(String what);

  @Message("The executor, which had stood still, saw later: {what}")
  String seenLater(String what);

  @Message("Executed")
  String executed();

  @Message("Failed")
  String executionFailed();

  @Message("Not run: what it needed no longer held")
  String preconditionFailed();

  @Message("Not run: the executor refused it")
  String executionRefused();

  @Message("Outcome unknown: somebody must look")
  String executionUnknown();

  @Message("Outcome unknown")
  String executionWasUnknown();

  @Message("How it ended is not known here yet.")
  String notEnded();

  @Message("Nothing can be answered here any more.")
  String closed();

  @Message("can’t be undone")
  String irreversible();

  @Message("not in the catalogue")
  String notInTheCatalogue();

  @Message("environment: {word}")
  String environment(String word);

  @Message("sensitivity: {word}")
  String sensitivity(String word);

  @Message("the agent itself calls it destructive")
  String destructive();

  @Message("the agent itself is not sure")
  String notSure();

  @Message("the agent names no way back")
  String noWayBack();

  @Message("the tool’s server calls it destructive")
  String serverDestructive();

  @Message("the tool’s server does not call it read-only")
  String serverNotReadOnly();

  @Message("the tool’s server says that it reaches beyond itself")
  String serverOpenWorld();

  @Message("Target")
  String target();

  @Message("Changed since the last like it")
  String changed();

  @Message("The last one like it was approved")
  String lastApproved();

  @Message("Nothing is different from the last one like it.")
  String nothingChanged();

  @Message(
      "None of the values shown is different from the last one like it, but something else is:"
          + " compare the exact parameters, who asks and the words with that one.")
  String noneShownChanged();

  @Message("(not there)")
  String notThere();

  @Message("Nothing like it was ever approved: for this tool it is the first.")
  String unprecedented();

  @Message("Nothing of this agent was approved for this tool before.")
  String firstOfAgent();

  @Message("never approved before")
  String neverBefore();

  @Message("Looks like an approved value, and is another:")
  String alike();

  @Message("was")
  String was();

  @Message("now")
  String isNow();

  @Message("What else this run did")
  String elseInRun();

  @Message("All of this run")
  String allOfRun();

  @Message("The whole title")
  String wholeTitle();

  @Message("History")
  String history();

  @Message("Opened")
  String opened();

  @Message("{name} looked at it")
  String looked(String name);

  @Message("{name} approved ({how})")
  String votedYes(String name, String how);

  @Message("{name} rejected ({how})")
  String votedNo(String name, String how);

  @Message("The vote of {name} counts no more: the passkey it was given with was revoked")
  String voteLapsed(String name);

  @Message("This vote counts no more: its passkey was revoked.")
  String lapsed();

  @Message("signed in")
  String bySession();

  @Message("by mailed code")
  String byCode();

  @Message("through a channel")
  String byChannel();

  @Message("by passkey")
  String byPasskey();

  @Message("Five minutes are left.")
  String fiveMinutes();

  @Message("One minute is left.")
  String oneMinute();

  @Message("This page no longer follows what happens. Load it again.")
  String stale();

  @Message("Action")
  String action();

  @Message("Its digest")
  String actionDigest();

  @Message("Digest of what is shown")
  String promptDigest();

  @Message("Policy")
  String policyVersion();
}
