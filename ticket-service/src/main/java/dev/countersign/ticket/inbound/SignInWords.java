package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words of signing in.
@MessageBundle("signin")
interface SignInWords {

  @Message("Sign in")
  String heading();

  @Message("or")
  String or();

  @Message(
      "No passkey at hand? We mail you a code of eight digits. It works once, in this browser, for"
          + " ten minutes.")
  String lead();

  @Message("Your mail address")
  String address();

  @Message("Mail me a code")
  String send();

  @Message("Type the code")
  String codeHeading();

  @Message("If the address belongs to an approver, a code is on its way to it.")
  String codeLead();

  @Message("Code from the mail")
  String code();

  @Message("Sign in")
  String enter();

  @Message("No mail within a minute?")
  String noMail();

  @Message("Ask for a new code")
  String again();

  @Message("That came from another site. Sign in here instead.")
  String foreign();

  @Message("Type your mail address.")
  String typeAddress();

  @Message("Too many codes were asked for from here. Wait ten minutes.")
  String tooMany();

  @Message("A code works only in the browser that asked for it. Ask for one here.")
  String otherBrowser();

  @Message(
      "That is not the code. {#if tries == 1}One try is left.{#else}{tries} tries are left.{/if}")
  String wrong(int tries);

  @Message("That code is no longer good. Ask for a new one.")
  String gone();

  @Message("You had been signed out; nothing was sent. Sign in and answer again.")
  String signedOut();
}
