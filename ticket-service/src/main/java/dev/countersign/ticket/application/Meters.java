package dev.countersign.ticket.application;

import dev.countersign.ticket.domain.Budget.Reading;
import dev.countersign.ticket.domain.Meter;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// Where it stands how much of people's attention is used up.
public interface Meters {

  /// How these stand, held until the transaction ends.
  Uni<Map<Meter, Reading>> hold(Mutiny.StatelessSession session, Collection<Meter> meters);

  /// How these stand at this moment; one that is absent stands at zero.
  Uni<Map<Meter, Reading>> read(Mutiny.StatelessSession session, Collection<Meter> meters);

  /// How those of this kind stand whose period began then or later, the last first.
  Uni<Map<Meter, Reading>> since(
      Mutiny.StatelessSession session, Meter.Kind kind, String period, int atMost);

  /// Writes how meters stand that are held.
  Uni<Void> save(Mutiny.StatelessSession session, Map<Meter, Reading> readings);
}
