package dev.countersign.gateway.inbound;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// What streams of events have in common: comments keep their connection alive, and they end with
/// the credential that they were opened with.
public final class Streams {

  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private Streams() {}

  /// These, with a comment among them now and again, until one is empty: heartbeats never end by
  /// themselves. Ends also where the caller's credential is found to be no longer good; where that
  /// cannot be told now, it stays open. A certificate is good for as long as its connection.
  ///
  /// @param stillGood as {@link Callers#stillGood} gives it
  public static Multi<OutboundSseEvent> of(
      Multi<Optional<OutboundSseEvent>> events, Sse sse, Supplier<Uni<Boolean>> stillGood) {
    Optional<OutboundSseEvent> alive = Optional.of(alive(sse));
    Multi<Optional<OutboundSseEvent>> heartbeats =
        Multi.createFrom()
            .ticks()
            .startingAfter(HEARTBEAT)
            .every(HEARTBEAT)
            .onOverflow()
            .drop()
            .onItem()
            .transformToUniAndConcatenate(_ ->
                stillGood
                    .get()
                    // Where nobody answers, the next one is due.
                    .ifNoItem()
                    .after(HEARTBEAT)
                    .fail()
                    .onFailure()
                    .recoverWithItem(true)
                    .map(good -> good ? alive : Optional.empty()));
    return Multi.createBy()
        .merging()
        .streams(events, heartbeats)
        .select()
        .first(Optional::isPresent)
        .map(Optional::get);
  }

  /// The comment by which a client sees that its stream is open.
  public static OutboundSseEvent alive(Sse sse) {
    return sse.newEventBuilder().comment("alive").build();
  }
}
