package dev.countersign.executor.application;

import dev.countersign.messaging.DeadLetter;
import dev.countersign.messaging.Handler;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Received;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// Takes in what other systems say about how their commands ended. The first word counts; another
/// word later is kept for people to see; and whoever speaks of what was never given to them is not
/// heard.
@ApplicationScoped
public class TakeReplies implements Handler<Reply> {

  private final Replies replies;
  private final Outbox outbox;

  @Inject
  TakeReplies(Replies replies, Outbox outbox) {
    this.replies = replies;
    this.outbox = outbox;
  }

  @Override
  public Uni<Void> handle(Mutiny.StatelessSession session, List<Received<Reply>> batch) {
    return replies
        .take(session, batch.stream().map(Received::event).toList())
        .chain(unasked ->
            outbox.deadLetter(
                session,
                unasked.stream()
                    .sorted()
                    .map(place ->
                        new DeadLetter(
                            batch.get(place).raw(),
                            "not-awaited",
                            "no command for this action was given to the system that answers on"
                                + " this topic; its outcome has no effect"))
                    .toList()));
  }
}
