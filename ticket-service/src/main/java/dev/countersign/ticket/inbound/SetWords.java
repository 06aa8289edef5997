package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words of questions that are answered together.
@MessageBundle("sets")
interface SetWords {

  @Message("A batch of {announced}")
  String heading(int announced);

  @Message(
      "Proposed together by one agent in one run. You answer them together; each can be rejected by itself.")
  String lead();

  @Message("All {announced} are here.")
  String complete(int announced);

  @Message(
      "Incomplete: {arrived} of {announced} have come in, {missing} are missing. You can answer"
          + " these now, or wait for the rest.")
  String incomplete(int arrived, int announced, int missing);

  @Message(
      "{arrived} have come in, and only {announced} were announced. Look at each before you answer.")
  String tooMany(int arrived, int announced);

  @Message("{count} of them are not asked about here: nobody has to be asked, or others are.")
  String elsewhere(int count);

  @Message(
      "{#if count == 1}1 more has come in since. Your answer does not count for it.{#else}{count} more have"
          + " come in since. Your answer does not count for them.{/if}")
  String more(int count);

  @Message("Show what has come in")
  String showMore();

  @Message("{number} of {count}")
  String member(int number, int count);

  @Message("Not this one: reject it")
  String notThisOne();

  @Message("Your answer to these {count}")
  String yourAnswer(int count);

  @Message("Approve counts for all of these, except for those that you marked: they are rejected.")
  String answerWhy();

  @Message("None of these waits for your answer.")
  String nothingToAnswer();

  @Message("Reject all {count}")
  String reject(int count);

  @Message("Approve these {count}")
  String approve(int count);

  @Message("See it by itself")
  String alone();

  @Message("Not all of them were answered as you said. What was refused says why.")
  String notAll();

  @Message("This one belongs to a batch of {announced}.")
  String partOf(int announced);

  @Message("Review the batch as a whole")
  String review();

  @Message("The same question, {count} times")
  String alikeHeading(int count);

  @Message(
      "One agent asks exactly this in one run: same tool, same parameters. You answer them together;"
          + " each can be rejected by itself.")
  String alikeLead();

  @Message("{count} tickets ask it. Each keeps its own answer, and each that you approve is run.")
  String alikeStanding(int count);

  @Message("The same is asked {count} times.")
  String alikePart(int count);

  @Message("Answer them together")
  String reviewAlike();

  @Message("It is asked about alone")
  String single();

  @Message("This ticket is not part of a set that you can answer. Open the ticket itself.")
  String singleSentence();

  @Message(
      "{#if count == 0}This has changed. None of these waits for your answer now.{#else}This has changed."
          + " Waiting for your answer now: {count}.{/if}")
  String changed(int count);
}
