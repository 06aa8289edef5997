package dev.countersign.notifier.application;

import dev.countersign.notifier.domain.Delivery;
import dev.countersign.notifier.domain.Letter;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;

/// What is sent and how that ends, each call within the caller's transaction. Every change of a
/// message comes back, to be published.
public interface Deliveries {

  /// A letter that was sent, and how that ended; `again` is when it may be tried once more.
  record Sent(Letter letter, Delivery delivery, Duration again) {}

  /// What is to be sent now, and what came too late for it.
  record Claimed(List<Letter> letters, List<Threads.Change> late) {

    Claimed and(Claimed more) {
      return new Claimed(
          Stream.concat(letters.stream(), more.letters.stream()).toList(),
          Stream.concat(late.stream(), more.late.stream()).toList());
    }
  }

  /// Marks up to `limit` messages that are due as being sent by `instance`, up to `mostAnswers` of
  /// them answers. The caller sends them after the commit, and not otherwise.
  Uni<Claimed> claim(
      Mutiny.StatelessSession session, String instance, Duration lease, int limit, int mostAnswers);

  /// Keeps others from taking over what `instance` is still sending, the messages with these
  /// numbers.
  Uni<Void> renew(
      Mutiny.StatelessSession session, String instance, Set<Long> underWay, Duration lease);

  /// Queues again what `instance` claimed and is not sending: of a claim whose commit it never
  /// heard of it has sent nothing.
  Uni<List<Threads.Change>> putBack(
      Mutiny.StatelessSession session, String instance, Set<Long> underWay);

  /// Writes down how it ended, as far as the messages are still `instance`'s, and queues what
  /// follows from it.
  Uni<List<Threads.Change>> settle(
      Mutiny.StatelessSession session, String instance, List<Sent> sent);

  /// Puts in doubt what an instance was sending that gave no sign of life until its lease ran out.
  Uni<List<Threads.Change>> doubt(Mutiny.StatelessSession session);
}
