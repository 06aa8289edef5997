package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// What pages say about signing in by the organisation's identity provider.
@MessageBundle("provider")
interface ProviderWords {

  @Message("Sign in with your organisation")
  String signIn();

  @Message("Signed in")
  String done();

  @Message("You are signed in as {name}.")
  String as(String name);

  @Message("Go on")
  String goOn();

  @Message("No approver of this name")
  String unknown();

  @Message(
      "Your organisation says that you are “{named}”, and nobody among the approvers is. Ask"
          + " whoever keeps the list of approvers to add this name or address to yours.")
  String unknownSentence(String named);

  @Message("Not signed in")
  String failed();

  @Message(
      "Your organisation did not say who you are, or has not checked your mail address. Try again,"
          + " or sign in with a mailed code.")
  String failedSentence();

  @Message("No such page")
  String off();

  @Message("No identity provider is set up here. Sign in with a mailed code.")
  String offSentence();
}
