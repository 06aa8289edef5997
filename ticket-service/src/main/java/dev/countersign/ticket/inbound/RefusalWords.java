package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// Why an answer was not taken, in a sentence that says what to do.
@MessageBundle("refusals")
interface RefusalWords {

  @Message("This has been answered already. Your answer changes nothing.")
  String alreadyDecided();

  @Message("You are not among the people who may answer this. Ask one of those who are.")
  String notEligible();

  @Message("This request is yours, or made on your behalf, so somebody else must answer it.")
  String ownRequest();

  @Message("This answer needs your passkey. Being signed in is not enough.")
  String tooWeak();

  @Message("The passkey this was given with was revoked, so it answers nothing. Use another one.")
  String passkeyRevoked();

  @Message("The ticket has changed since you opened it. Look at it again, then answer.")
  String stale();

  @Message("What you typed is not what is shown. Type the value exactly as it stands there.")
  String notConfirmed();

  @Message(
      "The policy does not permit to trust this session so far, so nothing was answered. Choose"
          + " smaller bounds, or approve this one alone.")
  String trustTooWide();

  @Message("No standing permission covers this, so a person must answer it.")
  String notTrusted();

  @Message(
      "Somebody did not expect what this session asked, and holds it. Nothing of it can be approved"
          + " until that is lifted; you can still reject.")
  String held();

  @Message(
      "You approved several in a short time, so this one waits a few seconds for you to read it. You"
          + " can reject it at once.")
  String tooSoon();
}
