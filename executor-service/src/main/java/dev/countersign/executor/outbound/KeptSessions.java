package dev.countersign.executor.outbound;

import dev.countersign.executor.domain.McpConnector;
import dev.countersign.executor.outbound.AuthorizedHttp.Identity;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The sessions that no call has just now. Whoever takes one has it alone. It goes to nobody but to
/// whom it was opened for: the same entry of the same `connectors.yaml`, as the same client. What
/// is handed out of here otherwise is to be ended.
final class KeptSessions {

  static final int MOST_OF_AN_ENTRY = 8;
  static final Duration LONGEST = Duration.ofMinutes(5);

  /// An open session.
  ///
  /// @param server compared with the entry's templates as objects: what was read anew is another
  /// @param identity as whom it was opened
  /// @param id the server's name for it; null where it keeps none, and we only its version
  /// @param version of the protocol, as the server chose it
  /// @param last number of its last request
  /// @param openedAt on this clock, in nanoseconds
  record Open(
      McpConnector server,
      Identity identity,
      @Nullable String id,
      String version,
      int last,
      long openedAt) {}

  private record Kept(Open session, long since) {}

  private final Duration idle;
  private final LongSupplier nanoTime;
  // The last one that was used first, so that those that are not needed come to their end.
  private final Map<McpConnector, Deque<Kept>> byServer = new HashMap<>();
  private boolean closed;

  /// @param idle how long one waits for the next call at most; zero where none does
  KeptSessions(Duration idle, LongSupplier nanoTime) {
    this.idle = idle;
    this.nanoTime = nanoTime;
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /// One of this server's that was opened as this client.
  synchronized Optional<Open> take(McpConnector server, Identity identity) {
    Iterator<Kept> each = byServer.getOrDefault(server, new ArrayDeque<>()).iterator();
    while (each.hasNext()) {
      Kept kept = each.next();
      if (kept.session.identity.equals(identity) && !isOverdue(kept)) {
        each.remove();
        return Optional.of(kept.session);
      }
    }
    return Optional.empty();
  }

  /// Keeps it, and hands out the one that has to make room for it, be it itself.
  synchronized Optional<Open> keep(Open session) {
    Kept kept = new Kept(session, now());
    if (closed || isOverdue(kept)) {
      return Optional.of(session);
    }
    Deque<Kept> waiting = byServer.computeIfAbsent(session.server, _ -> new ArrayDeque<>());
    waiting.addFirst(kept);
    return waiting.size() > MOST_OF_AN_ENTRY
        ? Optional.of(waiting.removeLast().session)
        : Optional.empty();
  }

  /// Hands out what has waited or lived too long, and what is of none of these servers.
  synchronized List<Open> removeAllBut(Set<McpConnector> named) {
    List<Open> removed = new ArrayList<>();
    byServer.forEach((server, waiting) ->
        waiting.removeIf(kept -> {
          boolean goes = !named.contains(server) || isOverdue(kept);
          if (goes) {
            removed.add(kept.session);
          }
          return goes;
        }));
    byServer.values().removeIf(Deque::isEmpty);
    return removed;
  }

  /// Hands out all of them, and keeps none from now on.
  synchronized List<Open> close() {
    closed = true;
    return removeAllBut(Set.of());
  }

  private boolean isOverdue(Kept kept) {
    return now() - kept.since >= idle.toNanos()
        || now() - kept.session.openedAt >= LONGEST.toNanos();
  }
}
