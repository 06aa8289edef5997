package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// What the pages of an invited person say.
@MessageBundle("enrol")
interface EnrolWords {

  @Message("Make your passkey")
  String heading();

  @Message("For {name}, on the device that you want to answer with.")
  String lead(String name);

  @Message(
      "A passkey is your fingerprint, your face or a PIN, checked by your device alone. With it you"
          + " sign in and answer; nobody can do either without the device.")
  String what();

  @Message("Code from whoever invited you")
  String code();

  @Message("Eight characters, told to you in person or by phone, not by mail.")
  String codeHint();

  @Message("Name of this device")
  String label();

  @Message("To tell your passkeys apart, for example “Work phone”.")
  String labelHint();

  @Message("Make the passkey")
  String make();

  @Message("Making a passkey needs JavaScript. Allow it for this page, or take another browser.")
  String needsScript();

  @Message("That is not the code. One try is left.")
  String wrongOneLeft();

  @Message("That is not the code. {tries} tries are left.")
  String wrong(int tries);

  @Message("This invitation is over")
  String overHeading();

  @Message(
      "It was used, withdrawn, tried too often, or is older than a day. Ask for a new one where you"
          + " got this one.")
  String over();

  @Message("Your passkey is made")
  String waitsHeading();

  @Message("It does not count yet. Read these four groups to the admin who confirms it:")
  String waits();

  @Message(
      "The admin compares them with what they see, and confirms. From then on you can sign in and"
          + " answer with this device.")
  String waitsThen();

  @Message("To the sign-in page")
  String toSignIn();
}
