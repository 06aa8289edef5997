package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words that every page has. A feature's words stand in a bundle of its own beside its pages.
@MessageBundle("words")
interface Words {

  @Message("Sign out")
  String signOut();
}
