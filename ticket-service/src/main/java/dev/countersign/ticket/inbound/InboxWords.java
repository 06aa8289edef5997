package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words of the inbox.
@MessageBundle("inbox")
interface InboxWords {

  @Message("Inbox")
  String title();

  @Message("Waiting for you")
  String heading();

  @Message("Nothing waits for your answer.")
  String nothing();

  @Message("You get a mail when something does.")
  String mail();

  @Message("{time} left")
  String left(String time);

  @Message("until {moment}")
  String until(String moment);

  @Message("These are the next {most}. Answer some to see more.")
  String most(int most);

  @Message("{#if count == 0}Nothing waits for your answer.{#else}Waiting for you: {count}{/if}")
  String waiting(int count);
}
