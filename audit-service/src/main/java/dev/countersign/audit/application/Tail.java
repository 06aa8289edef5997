package dev.countersign.audit.application;

import dev.countersign.audit.domain.Entry;
import dev.countersign.tlog.Hash;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The log's newest entries as this process wrote them: whoever follows the log here need not read
/// back what was written a moment ago.
///
/// It proves nothing. A transaction's entries are put here before it commits, and may never come
/// into the log, or not at these places. So the database is asked for the last of what is handed
/// on, and all of that is of one transaction: where that row stands, the others stand before it.
/// What another instance appended, or this one before it was started, is read from the database.
@ApplicationScoped
public class Tail {

  /// By the entries' weight. Followers who lag further behind than this read.
  static final long MOST_BYTES = 8 * 1024 * 1024;

  /// How long contents are kept, which may be erased meanwhile; at most twice as long.
  static final Duration KEPT = Duration.ofMinutes(1);

  // By time, too: a leaf that was recovered has its old hash at its old place. And contents that
  // were erased are not to come back from memory.
  private static final String STANDS =
      """
      select exists (select from leaf where idx = ? and leaf_hash = ? and appended_at = ?)
        and not exists (select from erased where idx between ? and ?)
      """;

  /// What one transaction appends.
  ///
  /// @param first the place of the first entry
  /// @param at by the database's clock, in its precision
  /// @param hashes of the leaves, one for each entry
  /// @param checkpoint signed over the last of them
  public record Part(
      long first, Instant at, List<Entry> entries, List<Hash> hashes, String checkpoint) {

    /// The log's size after it.
    public long past() {
      return first + entries.size();
    }

    private long weight() {
      return entries.stream().mapToLong(Entry::weight).sum();
    }

    private Logged get(long index) {
      int n = Math.toIntExact(index - first);
      return new Logged(
          index, at, hashes.get(n), entries.get(n), index + 1 == past() ? checkpoint : null);
    }
  }

  /// An entry at its place.
  ///
  /// @param checkpoint the one that was signed over it as the last, where there is one
  public record Logged(
      long index, Instant at, Hash leafHash, Entry entry, @Nullable String checkpoint) {}

  private final NavigableMap<Long, Part> parts = new TreeMap<>();
  private long bytes;
  // What was here when it was last looked for what is old.
  private long old;

  void onStart(@Observes StartupEvent event, Vertx vertx) {
    vertx.setPeriodic(KEPT.toMillis(), _ -> forgetOld());
  }

  /// Forgets what was here when this was called last.
  public synchronized void forgetOld() {
    while (!parts.isEmpty() && parts.firstEntry().getValue().past() <= old) {
      bytes -= parts.pollFirstEntry().getValue().weight();
    }
    old = parts.isEmpty() ? 0 : parts.lastEntry().getValue().past();
  }

  /// Keeps what a transaction is about to commit.
  public synchronized void keep(Part part) {
    // One that stands in the way never came into the log, or not into this one.
    while (!parts.isEmpty() && parts.lastEntry().getValue().past() > part.first) {
      bytes -= parts.pollLastEntry().getValue().weight();
    }
    parts.put(part.first, part);
    bytes += part.weight();
    while (bytes > MOST_BYTES) {
      bytes -= parts.pollFirstEntry().getValue().weight();
    }
  }

  /// The entries from this place on that stand in the log as this process wrote them, at most so
  /// many; none, where they have to be read.
  ///
  /// @param head the log's size, as the database says
  public List<Logged> from(Connection connection, long index, long head, int most)
      throws SQLException {
    List<Logged> kept = from(index, head, most);
    return !kept.isEmpty() && stand(connection, kept) ? kept : List.of();
  }

  private synchronized List<Logged> from(long index, long head, int most) {
    Map.Entry<Long, Part> found = parts.floorEntry(index);
    List<Logged> kept = new ArrayList<>();
    if (found != null) {
      Part part = found.getValue();
      long past = Math.min(Math.min(part.past(), head), index + most);
      for (long each = index; each < past; each++) {
        kept.add(part.get(each));
      }
    }
    return kept;
  }

  private static boolean stand(Connection connection, List<Logged> kept) throws SQLException {
    Logged last = kept.getLast();
    try (PreparedStatement select = connection.prepareStatement(STANDS)) {
      select.setLong(1, last.index);
      select.setBytes(2, last.leafHash.bytes());
      select.setObject(3, last.at.atOffset(ZoneOffset.UTC));
      select.setLong(4, kept.getFirst().index);
      select.setLong(5, last.index);
      try (ResultSet row = select.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }
}
