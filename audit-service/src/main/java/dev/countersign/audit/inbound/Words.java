package dev.countersign.audit.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words that every page has, and those of outcomes.
@MessageBundle("words")
interface Words {

  @Message("To the content")
  String skip();

  @Message("Pages")
  String menu();

  @Message("Search")
  String search();

  @Message("Completeness")
  String completeness();

  @Message("Verify a file")
  String verify();

  /// A pattern of `DateTimeFormatter`, in UTC.
  @Message("d MMM yyyy, HH:mm:ss")
  String moment();

  @Message("proposed")
  String received();

  @Message("waiting for people")
  String waiting();

  @Message("approved")
  String approved();

  @Message("rejected")
  String rejected();

  @Message("denied by policy")
  String denied();

  @Message("expired")
  String expired();

  @Message("cancelled")
  String cancelled();

  @Message("refused")
  String refused();

  @Message("carried out")
  String succeeded();

  @Message("failed")
  String failed();

  @Message("not carried out: what it rests on had changed")
  String preconditionFailed();

  @Message("outcome unknown")
  String unknown();

  @Message("no action of an agent")
  String noAction();
}
