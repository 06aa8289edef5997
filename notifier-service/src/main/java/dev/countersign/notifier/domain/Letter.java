package dev.countersign.notifier.domain;

import dev.countersign.events.ActionId;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One message to one person: all that it may say. Title, target and short code are the card's; no
/// parameter and no word of the agent gets this far.
///
/// @param number of the row that it came from
/// @param attempt which one this is, from 1
/// @param messageId its own `Message-ID`
/// @param threadId that of the first message to this person, which may be this one
/// @param together what else it is about; absent where its ticket stands alone
/// @param answered how it ended; stands in an answer and in nothing else
public record Letter(
    long number,
    int attempt,
    ActionId actionId,
    String recipient,
    Step step,
    String title,
    String target,
    @Nullable String shortCode,
    String link,
    Instant deadline,
    @Nullable Answered answered,
    String messageId,
    String threadId,
    @Nullable Together together) {

  private static final int SUBJECT_TITLE = 120;
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm", Locale.ENGLISH);
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm:ss", Locale.ENGLISH);

  public Letter {
    title = Visible.of(title);
    target = Visible.of(target);
    shortCode = shortCode == null ? null : Visible.of(shortCode);
  }

  /// The subject. The answer has the ask's with `Re:`, which is what some mailboxes thread by.
  public String subject() {
    String code = shortCode == null ? "" : " [" + shortCode + "]";
    String ask = "Approval needed: " + Visible.of(title, SUBJECT_TITLE) + code;
    return switch (step.kind()) {
      case ASK -> ask;
      case REMINDER -> "Reminder: " + ask;
      case ESCALATION -> "Still waiting: " + ask;
      case ANSWER -> "Re: " + ask;
    };
  }

  /// One word on how it ended; of a set that ended in several ways, that it did.
  public String ended() {
    if (answered == null) {
      return "";
    }
    return together == null || together.endedAlike() ? answered.word() : "Answered";
  }

  /// One sentence on how it ended.
  public String endedHow() {
    if (answered == null) {
      return "";
    }
    return together == null
        ? answered.sentence()
        : "All that belongs together has its answer: " + together.outcome() + ".";
  }

  /// Whether all of it is carried out.
  public boolean yes() {
    return answered != null && answered.yes() && (together == null || together.endedAlike());
  }

  /// What else an ask is about; absent where its ticket stands alone.
  public @Nullable String besides() {
    return together == null || together.announced() < 2
        ? null
        : "It is one of "
            + together.announced()
            + " that belong together. This mail is for all of them: the page shows the rest. Each has"
            + " its own deadline, and some may end sooner.";
  }

  /// Whether it says a second time what a first message said, which may have been lost.
  public boolean reminder() {
    return step.kind() == Step.Kind.REMINDER;
  }

  /// Whether it asks once more because nobody's answer has come so far.
  public boolean escalation() {
    return step.kind() == Step.Kind.ESCALATION;
  }

  /// The deadline in words, on the reader's clock and with its zone; to the second only where it is
  /// not at a full minute.
  public String until(ZoneId zone) {
    ZonedDateTime there = deadline.truncatedTo(ChronoUnit.SECONDS).atZone(zone);
    String where = zone.normalized().equals(ZoneOffset.UTC) ? "UTC" : zone.getId();
    return (there.getSecond() == 0 ? MINUTE : SECOND).format(there) + " (" + where + ")";
  }
}
