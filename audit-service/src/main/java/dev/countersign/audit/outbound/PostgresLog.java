package dev.countersign.audit.outbound;

import dev.countersign.audit.application.Integrity;
import dev.countersign.audit.application.Log;
import dev.countersign.audit.application.LogKey;
import dev.countersign.audit.application.Tail;
import dev.countersign.audit.application.Tree;
import dev.countersign.audit.domain.Entry;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The log in PostgreSQL. The row of `state` is locked for each transaction, so that all writers,
/// also those of other instances, append one after the other: whoever holds it is the sequencer,
/// and is none any more when its connection ends. The size that it read is the fence.
///
/// Leaves, what they commit to, the nodes that are complete now, the signed checkpoint and the new
/// head commit together or not at all.
@ApplicationScoped
class PostgresLog implements Log {

  private static final int TRANSACTION_ENTRIES = 2_000;
  private static final int TRANSACTION_BYTES = 8 * 1024 * 1024;

  private static final String LOCK =
      """
      select size, encode(frontier, 'hex'),
        (select encode(root, 'hex') from checkpoint where size = :ours)
      from state for update
      """;

  private static final String RECOVERED = "select exists (select from recovery)";

  private static final String NOTE_RECOVERY =
      "insert into recovery (first, past) values (:first, :past)";

  // By `any (array (…))` and not by a join: each is looked up, however large the log.
  private static final String KNOWN =
      """
      select encode(event_id, 'hex') from leaf
      where event_id = any (array (
        select substr(cast(:ids as bytea), 32 * n + 1, 32) from generate_series(0, :last) as n))
      """;

  private static final String MOVE_HEAD =
      """
      update state set size = :size, root = decode(:root, 'hex'), frontier = decode(:frontier, 'hex')
      where size = :old
      """;

  private final Sessions sessions;
  private final Vertx vertx;
  private final LogKey key;
  private final Integrity integrity;
  private final Tail tail;
  private volatile boolean recovered;
  private final AtomicLong seen = new AtomicLong();
  private final AtomicReference<Frontier> ours = new AtomicReference<>(Frontier.EMPTY);

  /// What the head was when it was locked.
  ///
  /// @param ours the root that was signed over what this process committed last; absent where none
  ///   was
  private record Locked(Frontier frontier, @Nullable String ours) {}

  @Inject
  PostgresLog(Sessions sessions, Vertx vertx, LogKey key, Integrity integrity, Tail tail) {
    this.sessions = sessions;
    this.vertx = vertx;
    this.key = key;
    this.integrity = integrity;
    this.tail = tail;
  }

  @Override
  public Uni<Long> append(List<Entry> entries) {
    return Multi.createFrom()
        .iterable(transactions(entries))
        .onItem()
        .transformToUniAndConcatenate(
            part -> sessions.in(session -> append(session, part)).invoke(this::committed))
        .collect()
        .last()
        .onItem()
        .ifNotNull()
        .transform(Frontier::size)
        .onItem()
        .ifNull()
        .switchTo(this::size);
  }

  private static List<List<Entry>> transactions(List<Entry> entries) {
    List<List<Entry>> parts = new ArrayList<>();
    int from = 0;
    int bytes = 0;
    for (int i = 0; i < entries.size(); i++) {
      int weight = entries.get(i).weight();
      if (i > from && (i - from == TRANSACTION_ENTRIES || bytes + weight > TRANSACTION_BYTES)) {
        parts.add(entries.subList(from, i));
        from = i;
        bytes = 0;
      }
      bytes += weight;
    }
    if (from < entries.size()) {
      parts.add(entries.subList(from, entries.size()));
    }
    return parts;
  }

  private Uni<Frontier> append(Mutiny.StatelessSession session, List<Entry> entries) {
    return lock(session)
        .chain(frontier ->
            known(session, entries)
                .map(known -> unknown(entries, known))
                .chain(unknown ->
                    append(session, frontier, unknown)
                        .call(() -> Reading.note(session, entries, unknown))));
  }

  /// Locks the log for this transaction. Fails where it has fewer entries than it was seen to have,
  /// or others than this process committed.
  Uni<Frontier> lock(Mutiny.StatelessSession session) {
    Frontier known = ours.get();
    return lock(session, known.size())
        .call(locked -> requireGrown(session, locked, known))
        .map(Locked::frontier);
  }

  private static Uni<Locked> lock(Mutiny.StatelessSession session, long ours) {
    return session
        .createNativeQuery(LOCK, Object[].class)
        .setParameter("ours", ours)
        .getSingleResult()
        .map(row ->
            new Locked(
                Frontier.of(
                    ((Number) row[0]).longValue(), HexFormat.of().parseHex((String) row[1])),
                (String) row[2]));
  }

  /// Remembers the tree that a transaction of this process committed: where a failover loses it,
  /// nobody else need have seen it.
  void committed(Frontier to) {
    seen.accumulateAndGet(to.size(), Math::max);
    ours.accumulateAndGet(to, (was, is) -> was.size() > is.size() ? was : is);
  }

  /// The database may be put back under a service that runs, and another instance go on from there
  /// before this one looks.
  private Uni<Void> requireGrown(Mutiny.StatelessSession session, Locked locked, Frontier known) {
    long size = locked.frontier.size();
    long before = seen.getAndAccumulate(size, Math::max);
    if (size < before) {
      throw broken("it has %d entries, and had %d".formatted(size, before));
    }
    if (known.size() == 0 || known.root().hex().equals(locked.ours)) {
      return Uni.createFrom().voidItem();
    }
    // What was recovered has fewer checkpoints than it had.
    return Tree.root(known.size(), rows -> PostgresTree.read(session, rows))
        .invoke(root -> {
          if (!root.equals(Optional.of(known.root()))) {
            throw broken("its first %d entries are not those that it had".formatted(known.size()));
          }
        })
        .replaceWithVoid();
  }

  private IllegalStateException broken(String how) {
    String sentence = how + ": the database was put back to an earlier time";
    integrity.broken(sentence);
    return new IllegalStateException("the log is broken: " + sentence);
  }

  private Uni<Set<String>> known(Mutiny.StatelessSession session, List<Entry> entries) {
    return recovered(session)
        .chain(recovered -> {
          List<Hash> ids = new ArrayList<>();
          for (Entry entry : entries) {
            ids.add(entry.eventId());
            // Of what was recovered nothing is known but the place.
            if (recovered && entry.place() != null) {
              ids.add(entry.place().id());
            }
          }
          return session
              .createNativeQuery(KNOWN, String.class)
              .setParameter("ids", LogGrowth.joined(ids))
              .setParameter("last", ids.size() - 1)
              .getResultList();
        })
        .map(HashSet::new);
  }

  /// Whether entries were ever recovered; asked until some were, as another instance may do that.
  private Uni<Boolean> recovered(Mutiny.StatelessSession session) {
    return recovered
        ? Uni.createFrom().item(true)
        : session
            .createNativeQuery(RECOVERED, Boolean.class)
            .getSingleResult()
            .invoke(it -> recovered = it);
  }

  private static List<Entry> unknown(List<Entry> entries, Set<String> known) {
    // The same record can stand twice in one batch, too; the first keeps its place.
    Map<Hash, Entry> unknown = new LinkedHashMap<>();
    for (Entry entry : entries) {
      if (!known.contains(entry.eventId().hex())
          && (entry.place() == null || !known.contains(entry.place().id().hex()))) {
        unknown.putIfAbsent(entry.eventId(), entry);
      }
    }
    return List.copyOf(unknown.values());
  }

  /// Appends these, which are not in it, to the log that was locked at this edge, and returns what
  /// it is then.
  Uni<Frontier> append(Mutiny.StatelessSession session, Frontier from, List<Entry> entries) {
    if (entries.isEmpty()) {
      return Uni.createFrom().item(from);
    }
    // Hashing and signing take milliseconds: not on the event loop.
    return vertx
        .executeBlocking(() -> growth(from, entries), false)
        .chain(growth -> write(session, growth))
        .map(LogGrowth::to);
  }

  private Uni<LogGrowth> write(Mutiny.StatelessSession session, LogGrowth growth) {
    return growth
        .append(session)
        .call(() -> moveHead(session, growth))
        .invoke(at -> tail.keep(growth.part(at)))
        .replaceWith(growth);
  }

  private LogGrowth growth(Frontier from, List<Entry> entries) {
    return LogGrowth.of(
        from, entries, to -> key.sign(new Checkpoint(key.origin(), to.size(), to.root())));
  }

  private static Uni<Void> moveHead(Mutiny.StatelessSession session, LogGrowth growth) {
    return session
        .createNativeQuery(MOVE_HEAD)
        .setParameter("size", growth.to().size())
        .setParameter("root", growth.to().root().hex())
        .setParameter("frontier", HexFormat.of().formatHex(growth.to().bytes()))
        .setParameter("old", growth.from())
        .executeUpdate()
        .invoke(moved -> {
          if (moved != 1) {
            // The row is locked, so this cannot be; if it were, two logs would begin here.
            throw new IllegalStateException("the log grew under a writer that held its lock");
          }
        })
        .replaceWithVoid();
  }

  @Override
  public Uni<Void> recover(long from, List<Entry> entries, Note checkpoint) {
    return sessions
        .in(session ->
            // Also one that was put back.
            lock(session, 0)
                .chain(locked -> {
                  if (locked.frontier.size() != from) {
                    throw new IllegalStateException("the log grew while it was recovered");
                  }
                  return vertx.executeBlocking(
                      () -> LogGrowth.of(locked.frontier, entries, _ -> checkpoint), false);
                })
                .chain(growth -> write(session, growth))
                .invoke(_ -> recovered = true)
                .call(growth ->
                    session
                        .createNativeQuery(NOTE_RECOVERY)
                        .setParameter("first", from)
                        .setParameter("past", growth.to().size())
                        .executeUpdate()))
        .invoke(growth -> committed(growth.to()))
        .replaceWithVoid();
  }

  @Override
  public Uni<Long> size() {
    return sessions.reading(session ->
        session.createNativeQuery("select size from state", Long.class).getSingleResult());
  }
}
