package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words about how much is asked of people, and what is held back from them.
@MessageBundle("attention")
interface AttentionWords {

  @Message("asked {count} times")
  String alike(int count);

  @Message("I did not expect this")
  String unexpected();

  @Message("Rejects it, and holds everything further from this run until somebody lifts that.")
  String unexpectedHint();

  @Message(
      "{name} did not expect what this session asked, and holds it since {moment}. Nothing of it can"
          + " be approved.")
  String held(String name, String moment);

  @Message("Attention")
  String title();

  @Message("How much is asked of you")
  String mine();

  @Message("Questions that reached you this week")
  String thisWeek();

  @Message("{prompts} of {most}")
  String of(int prompts, int most);

  @Message("{prompts}, without a budget")
  String endless(int prompts);

  @Message(
      "Your budget is used up until Monday. What else is asked goes to others, and waits in your"
          + " inbox.")
  String usedUp();

  @Message("Nothing is held.")
  String nothingHeld();

  @Message("{name} holds it since {moment}")
  String heldBy(String name, String moment);

  @Message("Run")
  String run();

  @Message("without a run")
  String noRun();

  @Message("The ticket")
  String theTicket();

  @Message("Lift the hold")
  String lift();

  @Message("Whoever lifts it lets this run be answered again. What was refused meanwhile stays so.")
  String liftHint();

  @Message("Not yours to lift")
  String notYoursHeading();

  @Message(
      "Whoever held it, an admin, or somebody who may answer for what was asked can lift it. Ask one"
          + " of them.")
  String notYours();

  @Message("This takes your passkey")
  String tooWeakHeading();

  @Message(
      "The run was held at a question whose answer takes a passkey; letting it go takes the same."
          + " Sign in by your passkey.")
  String tooWeak();

  @Message("Everybody, this week")
  String everybody();

  @Message("Agents, in the last 24 hours")
  String agents();

  @Message("No agent asked anybody.")
  String noAgents();

  @Message("Person")
  String person();

  @Message("Agent")
  String agent();

  @Message("Hour")
  String hour();

  @Message("Asked")
  String asked();

  @Message("Over budget")
  String withheld();

  @Message("none")
  String none();

  @Message("How the rules are answered, in the last 28 days")
  String rules();

  @Message("Nothing was answered yet.")
  String noRules();

  @Message("and {count} more")
  String more(int count);

  @Message("Rule")
  String rule();

  @Message("Answers")
  String answers();

  @Message("Approved")
  String approved();

  @Message("Median time")
  String median();

  @Message("{seconds} s")
  String seconds(String seconds);

  @Message("Redesign this rule: everybody approves it before they can have read it.")
  String redesign();

  @Message("Held sessions")
  String heldSessions();

  @Message(
      "You approved several in a short time. Read this one again: Approve opens at {time}. You can"
          + " reject at once.")
  String pause(String time);

  @Message("{seconds} s left.")
  String opensIn(String seconds);

  @Message("The pause is over: you can approve now.")
  String opened();

  @Message("What is asked and held has changed; the page shows it as it is now.")
  String changed();
}
