package dev.countersign.notifier.application;

import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// The steps of ladders that are still to come, each call within the caller's transaction.
public interface Escalations {

  /// A step whose time has come.
  ///
  /// @param number which step of the ladder, from 1
  /// @param groups whom of those who were asked; all where it is empty
  /// @param asked whom the ticket was to reach
  record Due(
      ActionId actionId, int number, List<String> groups, List<String> asked, Channel channel) {
    public Due {
      groups = List.copyOf(groups);
      asked = List.copyOf(asked);
    }
  }

  /// A step, and whom it tells.
  record Call(Due step, List<String> recipients) {
    public Call {
      recipients = List.copyOf(recipients);
    }
  }

  /// Takes all steps that are due of up to `most` threads, the ones that have waited longest first;
  /// of several of one thread it is the last. The threads are held, and nothing else takes them.
  Uni<List<Due>> takeDue(Mutiny.StatelessSession session, int most);

  /// Queues a message to each recipient who may have got the question, of threads that are still
  /// open; of a set one, while another of its tickets that are as far is open.
  Uni<List<Threads.Change>> call(Mutiny.StatelessSession session, List<Call> calls);
}
