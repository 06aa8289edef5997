package dev.countersign.ticket.inbound;

import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.events.VoteSubmitted;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Inbox;
import dev.countersign.messaging.Rejected;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/// Votes that came in through a channel. No channel can prove one yet, and the topic proves
/// nothing: whoever may write to it could otherwise approve. So each is put aside.
@ApplicationScoped
class VoteSubmittedListener {

  private final Inbox inbox;

  @Inject
  VoteSubmittedListener(Inbox inbox) {
    this.inbox = inbox;
  }

  @Incoming(Topics.VOTE_SUBMITTED)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox.consume(
        batch, VoteSubmittedListener::unproven, (_, _) -> Uni.createFrom().voidItem());
  }

  private static VoteSubmitted unproven(Envelope envelope) throws Rejected {
    VoteSubmitted vote = EventJson.read(envelope.data(), VoteSubmitted.class);
    throw new Rejected(
        "channel-not-enabled",
        "no vote is taken from the channel \""
            + vote.channel()
            + "\"; answer on the ticket's page");
  }
}
