package dev.countersign.ticket.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words that every page has. A feature's words stand in a bundle of its own beside its pages.
@MessageBundle("words")
interface Words {

  @Message("Somebody else has signed in in this browser. Load the page again.")
  String another();

  @Message("To the content")
  String skip();

  @Message("Menu")
  String menu();

  @Message("Inbox")
  String inbox();

  @Message("Search")
  String search();

  @Message("People")
  String people();

  @Message("Trust")
  String trust();

  @Message("Freeze")
  String freezes();

  @Message("Attention")
  String attention();

  @Message("Sign out")
  String signOut();

  @Message("Go to your inbox")
  String toInbox();

  /// A pattern of `DateTimeFormatter`, without the zone.
  @Message("d MMM yyyy, HH:mm")
  String moment();

  @Message("{days} days")
  String days(long days);

  @Message("{hours} h {minutes} min")
  String hours(long hours, int minutes);

  @Message("{minutes} min")
  String minutes(long minutes);

  @Message("less than a minute")
  String lessThanAMinute();

  @Message("no time")
  String noTime();

  /// Two names, or a list of names and one more.
  @Message("{names} and {one}")
  String and(String names, String one);

  @Message("No such page")
  String noSuchPage();

  @Message("There is nothing at this address. What waits for you is in your inbox.")
  String noSuchPageSentence();

  @Message("Not from this page")
  String foreignHeading();

  @Message("This came from another site and nothing was changed. Open the page here and try again.")
  String foreign();

  @Message(
      "This did not come from your own page and nothing was changed. Open the page again and try"
          + " once more.")
  String notYourForm();
}
