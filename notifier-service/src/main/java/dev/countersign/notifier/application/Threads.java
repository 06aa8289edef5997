package dev.countersign.notifier.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.TicketOpened;
import dev.countersign.messaging.Received;
import dev.countersign.notifier.domain.Answered;
import dev.countersign.notifier.domain.Delivery;
import dev.countersign.notifier.domain.Failure;
import dev.countersign.notifier.domain.Letter;
import dev.countersign.notifier.domain.State;
import dev.countersign.notifier.domain.Step;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The threads of mail and their messages, each call within the caller's transaction. Every change
/// of a message comes back, to be published.
public interface Threads {

  /// What became of a message.
  ///
  /// @param messageId its `Message-ID`
  /// @param failure why, where it failed
  record Change(
      ActionId actionId,
      String recipient,
      String channel,
      Step step,
      State state,
      String messageId,
      @Nullable Failure failure,
      @Nullable String traceparent) {}

  /// A ticket, and the channel by which its approvers are to be asked; `available` tells whether
  /// this installation has it.
  record Ask(Received<TicketOpened> ticket, String channel, boolean available) {

    /// Who is to be asked: those whom the ticket names for it, or else all who may answer.
    public List<String> recipients() {
      List<String> prompted = ticket.event().prompted();
      return prompted == null ? ticket.event().approvers() : prompted;
    }
  }

  /// How a ticket ended.
  record End(ActionId actionId, Answered answered, @Nullable String traceparent) {}

  /// A letter that was sent, and how that ended; `again` is when it may be tried once more.
  record Sent(Letter letter, Delivery delivery, Duration again) {}

  /// What is to be sent now, and what came too late for it.
  record Claimed(List<Letter> letters, List<Change> late) {}

  /// Opens the threads and queues one ask for each approver, where there is no answer yet.
  Uni<List<Change>> open(Mutiny.StatelessSession session, List<Ask> asks);

  /// Remembers the answers, drops what has not been sent, and queues the answer to each who may
  /// have got the question.
  Uni<List<Change>> end(Mutiny.StatelessSession session, List<End> ends);

  /// Marks up to `limit` messages that are due as being sent by `instance`. The caller sends them
  /// after the commit, and not otherwise.
  Uni<Claimed> claim(Mutiny.StatelessSession session, String instance, Duration lease, int limit);

  /// Keeps others from taking over what `instance` is still sending.
  Uni<Void> renew(Mutiny.StatelessSession session, String instance, Duration lease);

  /// Writes down how it ended, as far as the messages are still `instance`'s, and queues what
  /// follows from it.
  Uni<List<Change>> settle(Mutiny.StatelessSession session, String instance, List<Sent> sent);

  /// Puts in doubt what an instance was sending that gave no sign of life until its lease ran out.
  Uni<List<Change>> doubt(Mutiny.StatelessSession session);
}
