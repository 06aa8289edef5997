package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// What stands beside text from outside that is not what it seems.
@MessageBundle("visible")
interface VisibleWords {

  @Message("mixed alphabets")
  String mixed();

  @Message("looks like {word} and is not")
  String alike(String word);

  @Message("… {count} more characters")
  String more(String count);
}
