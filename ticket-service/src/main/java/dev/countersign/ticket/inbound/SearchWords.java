package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words of searching.
@MessageBundle("search")
interface SearchWords {

  @Message("Search")
  String title();

  @Message("Find a ticket")
  String heading();

  @Message("Ticket code, action id, agent, run or tool")
  String wanted();

  @Message("How it stands")
  String state();

  @Message("any")
  String any();

  @Message("From")
  String since();

  @Message("To")
  String until();

  @Message("Search")
  String search();

  @Message("Nothing was found that you may read.")
  String nothing();

  @Message("asked {moment}")
  String asked(String moment);

  @Message("Earlier ones")
  String earlier();

  @Message("That is not a date. Write it as 2026-11-26.")
  String notADate();

  @Message("card only")
  String cardOnly();
}
