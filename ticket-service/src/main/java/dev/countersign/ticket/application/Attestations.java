package dev.countersign.ticket.application;

import dev.countersign.events.DsseEnvelope;
import dev.countersign.messaging.Unavailable;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import java.util.List;

/// Signs what people voted, off the event loop.
public interface Attestations {

  /// A vote that counts, and the docket as it was when it was cast.
  record Cast(Docket docket, Vote vote) {}

  /// The attestations of these, in the same order. Fails with {@link Unavailable}, and a sentence,
  /// where they can't be signed now: a vote that nobody can verify later doesn't count.
  Uni<List<DsseEnvelope>> sign(List<Cast> casts);
}
