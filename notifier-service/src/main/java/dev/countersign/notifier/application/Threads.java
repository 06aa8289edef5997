package dev.countersign.notifier.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.TicketOpened;
import dev.countersign.messaging.Received;
import dev.countersign.notifier.domain.Answered;
import dev.countersign.notifier.domain.Failure;
import dev.countersign.notifier.domain.State;
import dev.countersign.notifier.domain.Step;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

  /// A ticket, and the channel by which its approvers are to be asked.
  ///
  /// @param notBefore until when some of them are let sleep
  record Ask(Received<TicketOpened> ticket, Channel channel, Map<String, Instant> notBefore) {

    public Ask {
      notBefore = Map.copyOf(notBefore);
    }
  }

  /// How a ticket ended.
  record End(ActionId actionId, Answered answered, @Nullable String traceparent) {}

  /// Opens the threads, queues one ask for each approver, and notes the steps of the ladder that
  /// are to come, where there is no answer yet.
  Uni<List<Change>> open(Mutiny.StatelessSession session, List<Ask> asks);

  /// Remembers the answers, drops what has not been sent, and notes of which threads people are to
  /// be told.
  Uni<List<Change>> end(Mutiny.StatelessSession session, List<End> ends);

  /// What was queued to tell how threads ended, and of how many.
  record Told(int threads, List<Change> changes) {}

  /// Queues the answer to each who may have got the question, of up to `most` threads of which
  /// nobody was told yet: the one that has waited longest first.
  Uni<Told> tell(Mutiny.StatelessSession session, int most);
}
