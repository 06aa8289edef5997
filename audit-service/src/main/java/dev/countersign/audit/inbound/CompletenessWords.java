package dev.countersign.audit.inbound;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/// The words of the page on completeness.
@MessageBundle("completeness")
interface CompletenessWords {

  @Message("Is everything in the log?")
  String heading();

  @Message("Nothing is missing: everything that Kafka had at {moment} is in the log.")
  String whole(String moment);

  @Message("Nothing is missing. {count} records wait to be read.")
  String behind(String count);

  @Message("Kafka has not been asked yet.")
  String notAsked();

  @Message("{count} records were published that the log does not have.")
  String missing(String count);

  @Message("A topic was made anew or cut off. What stood on it last may be missing.")
  String anew();

  @Message(
      "Contents that were erased are in this database again: a backup was put back. Erase them"
          + " anew (docs/privacy.md). Leaves that say so: {leaves}")
  String notErased(String leaves);

  @Message("Topics")
  String topics();

  @Message("Partition")
  String partition();

  @Message("Read up to")
  String next();

  @Message("Records read")
  String records();

  @Message("Entries")
  String entries();

  @Message("Came again")
  String repeats();

  @Message("Not read yet")
  String lag();

  @Message("Missing")
  String absent();

  @Message("Gaps")
  String gaps();

  @Message("There has been none.")
  String noGaps();

  @Message("{topic}, partition {partition}, offsets {first} to {last}")
  String where(String topic, int partition, String first, String last);

  @Message("{topic}, partition {partition}, made anew or cut off")
  String whereAnew(String topic, int partition);

  @Message("Leaf {leaf}: what it says is erased is here again")
  String whereReturned(long leaf);

  @Message("noted at {moment}")
  String noted(String moment);

  @Message("not looked into yet")
  String notLooked();

  @Message("{found} records were still there and are logged now, {missing} are missing")
  String found(String found, String missing);

  @Message("settled by the operator: {why}")
  String settled(String why);

  @Message("To settle it, once somebody has looked after it:")
  String toSettle();
}
