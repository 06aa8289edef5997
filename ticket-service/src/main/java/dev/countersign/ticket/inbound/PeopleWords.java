package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// What the page of people and their passkeys says.
@MessageBundle("people")
interface PeopleWords {

  @Message("People")
  String heading();

  @Message("Your passkeys")
  String mine();

  @Message("You have no passkey yet.")
  String none();

  @Message(
      "For another one, on another device, ask an admin to invite you again. A device that is lost:"
          + " revoke its passkey here at once.")
  String another();

  @Message("Sign out everywhere")
  String signOut();

  @Message("Ends all of your sessions, this one too, and whatever code was asked for.")
  String signOutHint();

  @Message("Everybody")
  String everybody();

  @Message("Not in the operator’s file any more")
  String left();

  @Message(
      "Or there without a mail address. What they have counts for nothing now, and counts again when"
          + " somebody is there under this id: revoke it where they are gone for good.")
  String leftHint();

  @Message("admin")
  String admin();

  @Message("No passkey.")
  String hasNone();

  @Message("You are signed in by a code. To invite, confirm or revoke, sign in by your passkey.")
  String needsPasskey();

  @Message("Invite to make a passkey")
  String invite();

  @Message("Invitation")
  String invitation();

  @Message("invited")
  String invited();

  @Message("by {name}, {at}")
  String invitedBy(String name, String at);

  @Message("invited by {name}")
  String invitedByWhom(String name);

  @Message("does not count yet")
  String waits();

  @Message("counts")
  String counts();

  @Message("rests")
  String rests();

  @Message("revoked")
  String revoked();

  @Message("made {at}")
  String madeAt(String at);

  @Message("confirmed by {name}, {at}")
  String confirmedBy(String name, String at);

  @Message("last used {at}")
  String lastUsed(String at);

  @Message("never used")
  String neverUsed();

  @Message("the operator of this machine")
  String operator();

  @Message("Fingerprint")
  String fingerprint();

  @Message("Let {name} read out their fingerprint, by phone or face to face. Is it exactly this?")
  String compare(String name);

  @Message("Yes, it is the same: confirm")
  String confirm();

  @Message("Another admin must confirm this: one invites, a second one confirms.")
  String otherConfirms();

  @Message("Revoke…")
  String revoke();

  @Message("Why?")
  String why();

  @Message("Revoke it")
  String revokeIt();

  @Message("{name} is invited")
  String invitedHeading(String name);

  @Message("Tell {name} this code, by phone or face to face. It is shown only here, and now.")
  String tell(String name);

  @Message("It is good for a day and for one passkey. The link was mailed to {mail}:")
  String mailed(String mail);

  @Message(
      "When the passkey is made, another admin compares its fingerprint and confirms it. You cannot"
          + " do that yourself.")
  String thenOther();

  @Message("Back to people")
  String back();

  @Message("Only admins do that.")
  String notAdmin();

  @Message("Nobody confirms their own passkey. Ask another admin.")
  String ownPasskey();

  @Message("You sent this invitation, so another admin must confirm what was made on it.")
  String ownInvitation();

  @Message("Nothing waits there any more. Look at the list again.")
  String notWaiting();

  @Message("The invitation was used, withdrawn, or is over. Invite anew.")
  String invitationOver();

  @Message("That is somebody else’s. Ask an admin.")
  String notTheirs();

  @Message("Nobody of that name is in the operator’s file, with a mail address.")
  String unknownPerson();

  @Message("The passkeys have changed; the page shows them as they are now.")
  String changed();
}
