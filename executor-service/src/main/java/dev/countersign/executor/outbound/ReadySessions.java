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

/// The sessions that are open and that no call has had yet. One goes to nobody but to whom it was
/// opened for: the same entry of the same `connectors.yaml`, as the same client; and it never comes
/// back. What is handed out of here otherwise is to be ended.
final class ReadySessions {

  static final int MOST_OF_AN_ENTRY = 8;

  /// An open session.
  ///
  /// @param server compared with the entry's templates as objects: what was read anew is another
  /// @param identity as whom it was opened
  /// @param id the server's name for it; null where it keeps none, and we only its version
  /// @param version of the protocol, as the server chose it
  /// @param last number of its last request
  record Open(
      McpConnector server, Identity identity, @Nullable String id, String version, int last) {}

  private record Ready(Open session, long since) {}

  private final Duration longest;
  private final LongSupplier nanoTime;
  // The newest first, so that those that are not needed come to their end.
  private final Map<McpConnector, Deque<Ready>> byServer = new HashMap<>();
  private final Map<McpConnector, Integer> coming = new HashMap<>();
  private boolean closed;

  /// @param longest how long one waits for its call at most; zero where none is opened ahead
  /// @param nanoTime a monotonic clock, in nanoseconds
  ReadySessions(Duration longest, LongSupplier nanoTime) {
    this.longest = longest;
    this.nanoTime = nanoTime;
  }

  /// How many may be taken for this server.
  synchronized int count(McpConnector server) {
    return (int)
        byServer.getOrDefault(server, new ArrayDeque<>()).stream()
            .filter(ready -> !isOverdue(ready))
            .count();
  }

  /// One of this server's that was opened as this client.
  synchronized Optional<Open> take(McpConnector server, Identity identity) {
    Iterator<Ready> each = byServer.getOrDefault(server, new ArrayDeque<>()).iterator();
    while (each.hasNext()) {
      Ready ready = each.next();
      if (ready.session.identity.equals(identity) && !isOverdue(ready)) {
        each.remove();
        return Optional.of(ready.session);
      }
    }
    return Optional.empty();
  }

  /// Whether there is room for one more of this server's, which whoever asks is to open now and to
  /// put here, or to give up.
  synchronized boolean reserve(McpConnector server) {
    if (closed
        || longest.isZero()
        || count(server) + coming.getOrDefault(server, 0) >= MOST_OF_AN_ENTRY) {
      return false;
    }
    coming.merge(server, 1, Integer::sum);
    return true;
  }

  /// The one that room was reserved for could not be opened.
  synchronized void giveUp(McpConnector server) {
    coming.computeIfPresent(server, (_, many) -> many == 1 ? null : many - 1);
  }

  /// Takes the one that room was reserved for, and returns whether it did.
  synchronized boolean put(Open session) {
    giveUp(session.server);
    if (closed) {
      return false;
    }
    byServer
        .computeIfAbsent(session.server, _ -> new ArrayDeque<>())
        .addFirst(new Ready(session, nanoTime.getAsLong()));
    return true;
  }

  /// Hands out what has waited too long, and what is of none of these servers.
  synchronized List<Open> removeAllBut(Set<McpConnector> named) {
    List<Open> removed = new ArrayList<>();
    byServer.forEach((server, waiting) ->
        waiting.removeIf(ready -> {
          boolean goes = !named.contains(server) || isOverdue(ready);
          if (goes) {
            removed.add(ready.session);
          }
          return goes;
        }));
    byServer.values().removeIf(Deque::isEmpty);
    return removed;
  }

  /// Hands out all of them, and takes none from now on.
  synchronized List<Open> close() {
    closed = true;
    return removeAllBut(Set.of());
  }

  private boolean isOverdue(Ready ready) {
    return nanoTime.getAsLong() - ready.since >= longest.toNanos();
  }
}
