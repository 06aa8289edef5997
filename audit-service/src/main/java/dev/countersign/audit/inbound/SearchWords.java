package dev.countersign.audit.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words of searching.
@MessageBundle("search")
interface SearchWords {

  @Message("What agents did")
  String heading();

  @Message("Every action that the log holds, with the evidence of how it went. Days are UTC.")
  String lead();

  @Message("Action id")
  String action();

  @Message("Agent")
  String agent();

  @Message("Person")
  String person();

  @Message("Approver, requester or owner: an id or address")
  String personHint();

  @Message("Tool")
  String tool();

  @Message("A tool, a toolset, or both: payments/wire_transfer")
  String toolHint();

  @Message("From")
  String since();

  @Message("To")
  String until();

  @Message("Outcome")
  String outcome();

  @Message("any")
  String any();

  @Message("Search")
  String search();

  @Message("Nothing was found. What was logged a second ago may still be missing here.")
  String nothing();

  @Message("The action id is a UUID of 36 characters. Correct it and search again.")
  String notAnId();

  @Message("That is not a date. Write it as 2026-11-26.")
  String notADate();

  @Message("This address is not one of ours. Search again.")
  String notOurs();

  @Message("by {agent}")
  String byAgent(String agent);

  @Message("People: {names}")
  String people(String names);

  @Message("entries: {count}")
  String entries(long count);

  @Message("content erased: {count}")
  String erased(long count);

  @Message("Evidence")
  String evidence();

  @Message("PDF")
  String pdf();

  @Message("Ticket")
  String ticket();

  @Message("Evidence of {id}")
  String evidenceOf(String id);

  @Message("Evidence of {id} as PDF")
  String pdfOf(String id);

  @Message("Ticket of {id}")
  String ticketOf(String id);

  @Message("Earlier ones")
  String earlier();
}
