package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words about outcomes that nobody knows, and what people found.
@MessageBundle("reconcile")
interface ReconcileWords {

  @Message("What people found")
  String heading();

  @Message("Nobody has looked yet. Look at the target first, then say here what you found.")
  String nobodyLooked();

  @Message("It took effect")
  String tookEffect();

  @Message("It had no effect")
  String noEffect();

  @Message("correction")
  String correction();

  @Message("{name}, {moment}")
  String by(String name, String moment);

  @Message("{name} looked: {what}")
  String looked(String name, String what);

  @Message(
      "What was said later, above, came after we had stopped waiting: it is a hint. Look all the"
          + " same.")
  String hintLater();

  @Message(
      "What was said later, above, is a hint: it contradicts what stood here before. Look at the"
          + " target and say what you find.")
  String hintOtherwise();

  @Message("What did you find at the target?")
  String which();

  @Message("What did you see, and where?")
  String words();

  @Message("(for those who look here later)")
  String wordsHint();

  @Message(
      "The agent is told the finding, not your words: after “no effect” it may propose this anew. A"
          + " finding is kept for good; a later one is added as a correction.")
  String hint();

  @Message("Record what I found")
  String record();

  @Message("Found otherwise since? Add a correction")
  String correct();

  @Message("A person has looked: {what}")
  String lookedInto(String what);

  @Message("Say what you found")
  String say();

  @Message("This request is yours, or made on your behalf. Somebody else must look.")
  String ownRequest();

  @Message("Somebody who may answer this, or an admin, must look and say what they found.")
  String notYours();

  @Message(
      "What was asked takes a passkey, and so does saying how it ended. Sign in by your passkey.")
  String needsPasskey();

  @Message(
      "Saying how it ended takes a mailed code or a passkey. Sign out, and sign in by one of them.")
  String tooWeak();

  @Message("Not taken")
  String notTaken();

  @Message(
      "Meanwhile somebody has said what they found, or more was said of it. It stands here now: read"
          + " it first. Nothing was recorded.")
  String stale();

  @Message("It is known how this ended; there is nothing to find out.")
  String known();

  @Message("Choose what you found, and say in words what you saw. Nothing was recorded.")
  String incomplete();

  @Message("Outcomes that nobody knows")
  String openHeading();

  @Message("None.")
  String noneOpen();

  @Message("For each of these somebody must look at the target and say what they found.")
  String openHint();

  @Message("ended {moment}")
  String ended(String moment);

  @Message("Look into it")
  String lookInto();

  @Message("The ticket")
  String theTicket();

  @Message("{count} {#if count == 1}outcome{#else}outcomes{/if} to look into")
  String toLookInto(int count);
}
