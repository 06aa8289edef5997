package dev.countersign.executor.outbound;

import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.application.Readings;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Promised;
import dev.countersign.executor.domain.Reading;
import dev.countersign.executor.domain.RunConnector;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Looks, right before an effect, whether its target is still as its approvers were shown it.
@ApplicationScoped
class StillSo {

  // How old what was read may be when the effect's first byte leaves.
  private static final Duration FRESH = Duration.ofSeconds(5);

  /// What came of looking.
  sealed interface Looked {
    /// @param ifMatch the entity tag that the effect's request is to carry
    /// @param look the last look, which now also sees to it that what was read is fresh
    record Yes(@Nullable String ifMatch, LastLook look) implements Looked {}

    record No(Outcome why) implements Looked {}
  }

  private final Readings readings;

  @Inject
  StillSo(TargetReadings readings) {
    this(readings::readLast);
  }

  StillSo(Readings readings) {
    this.readings = readings;
  }

  Uni<Looked> look(Begun begun, RunConnector connector, LastLook look) {
    Promised promised = begun.promised();
    if (promised == null || connector.preconditions().isEmpty()) {
      return Uni.createFrom().item(new Looked.Yes(null, look));
    }
    // None of what is read is older than this.
    long readAt = System.nanoTime();
    return readings
        .read(connector, begun.parameters(), begun.traceparent())
        .map(now -> looked(promised, now, readAt, look));
  }

  private static Looked looked(Promised promised, Reading now, long readAt, LastLook look) {
    Optional<Outcome> broken = promised.broken(now);
    if (broken.isPresent()) {
      return new Looked.No(broken.get());
    }
    String ifMatch = now instanceof Reading.Read read ? read.ifMatch() : null;
    return new Looked.Yes(ifMatch, whileFresh(readAt, look));
  }

  private static LastLook whileFresh(long readAt, LastLook look) {
    return () ->
        look.now()
            .map(no ->
                no.isEmpty() && System.nanoTime() - readAt > FRESH.toNanos()
                    ? Optional.of(stale())
                    : no);
  }

  private static Outcome stale() {
    return Promised.failed(
        "precondition-stale",
        "The target could not be reached within "
            + FRESH
            + " of reading its preconditions, and may have changed since.");
  }
}
