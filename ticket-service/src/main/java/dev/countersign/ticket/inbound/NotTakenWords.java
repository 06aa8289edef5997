package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words of {@link NotTaken}.
@MessageBundle("notTaken")
interface NotTakenWords {

  @Message("Not taken")
  String heading();

  @Message(
      "Your answer could not be signed or kept just now, so it was not taken and nothing has changed."
          + " Go back and try again in a minute.")
  String sentence();

  @Message("Go to your inbox")
  String inbox();
}
