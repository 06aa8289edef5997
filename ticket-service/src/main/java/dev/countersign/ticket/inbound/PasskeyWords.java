package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// What pages say around a passkey.
@MessageBundle("passkey")
interface PasskeyWords {

  @Message(
      "This approval needs a passkey. When you answer, your device asks for your fingerprint, your"
          + " face or a PIN.")
  String asks();

  @Message(
      "This needs a passkey, and you have none that counts yet. Ask an admin to invite you. Being"
          + " signed in is not enough.")
  String needed();

  @Message("You can still reject.")
  String rejectAnyway();

  @Message("Your passkey gave no answer, and nothing was sent. Press the button again.")
  String cancelled();

  @Message("Your passkey gave no answer. Press Reject once more to reject without it.")
  String optional();

  @Message(
      "This browser has no passkeys here. Open this page by its name instead of an address, in a"
          + " current browser.")
  String unsupported();

  @Message("The service can’t be reached. Nothing was sent. Press the button again.")
  String unreachable();

  @Message("Sign in with a passkey")
  String signIn();

  @Message("Your device asks for your fingerprint, your face or a PIN. Nothing is mailed.")
  String lead();

  @Message("A passkey needs JavaScript. Allow it for this page, or take a code by mail.")
  String needsScript();

  @Message("Too many passkeys were asked for from here. Wait five minutes.")
  String tooMany();

  @Message("You have no passkey that counts yet. Ask an admin to invite you.")
  String noPasskey();

  @Message("That was used before, or took longer than five minutes. Press the button again.")
  String ceremonyOver();

  @Message("What your browser sent is nothing that a passkey gives. Press the button again.")
  String unreadable();

  @Message(
      "This passkey does not count for you: it is another person’s, not confirmed yet, or revoked."
          + " Use another one.")
  String notYours();

  @Message(
      "Your device did not check that it is you. Set it up with a fingerprint, your face or a PIN,"
          + " then try again.")
  String notVerified();

  @Message(
      "The counter of this passkey went back, as that of a copy would. Tell an admin, who can"
          + " revoke it.")
  String copied();

  @Message(
      "What your passkey signed is not this answer, from this page. Nothing was changed. Open the"
          + " page again and answer there.")
  String mismatch();
}
