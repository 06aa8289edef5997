package dev.countersign.audit.outbound;

import dev.countersign.audit.application.Tail;
import dev.countersign.audit.domain.Entry;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// What one transaction writes of the log: a statement with a list for each column. All that is
/// bytes stands in one of them, one after the other: the database cuts it up for a fraction of what
/// JSON costs it, which knows no bytes.
///
/// @param from the size before it
/// @param entries what it appends
/// @param hashes of their leaves
/// @param to the tree after it
/// @param nodes those that are complete now
/// @param note the signed checkpoint
record LogGrowth(
    long from, List<Entry> entries, List<Hash> hashes, Frontier to, List<Node> nodes, String note) {

  // `bytes` stands here once, because what a statement names twice is sent twice.
  private static final String APPEND =
      """
      with entry as (
        select cast(:first as bigint) + n - 1 as idx, leaf, action_id, topic, traceparent, headers,
          substr(bytes, start, 32) as event_id,
          substr(bytes, start + 32, 32) as leaf_hash,
          substr(bytes, start + 64, 32) as salt,
          substr(bytes, start + 96, of_key) as key,
          substr(bytes, start + 96 + coalesce(of_key, 0), of_value) as value
        from (select cast(:bytes as bytea) as bytes) sent, unnest(
          cast(:starts as integer[]), cast(:leaves as text[]), cast(:actions as uuid[]),
          cast(:topics as text[]), cast(:traceparents as text[]), cast(:headers as text[]),
          cast(:keys as integer[]), cast(:values as integer[]))
          with ordinality as r (
            start, leaf, action_id, topic, traceparent, headers, of_key, of_value, n)
      ), apart as (
        insert into payload (idx, salt, key, value, headers)
        select idx, salt, key, value, cast(headers as json)
        from entry where headers is not null order by idx
      ), complete as (
        insert into node (level, idx, hash)
        select level, idx, substr(cast(:node_hashes as bytea), 32 * cast(n as integer) - 31, 32)
        from unnest(cast(:node_levels as integer[]), cast(:node_indexes as bigint[]))
          with ordinality as c (level, idx, n)
      ), signed as (
        insert into checkpoint (size, root, note)
        values (:size, decode(:root, 'hex'), :note)
      ), moment as materialized (
        select clock_timestamp() as at
      ), appended as (
        insert into leaf (
          idx, event_id, leaf_hash, entry, action_id, topic, traceparent, appended_at)
        select idx, event_id, leaf_hash, leaf, action_id, topic, traceparent, at
        from entry, moment order by idx
      )
      select at from moment
      """;

  /// A subtree that is complete for ever.
  record Node(int level, long index, Hash hash) {}

  /// @param signed the checkpoint of the tree that comes of it
  static LogGrowth of(Frontier from, List<Entry> entries, Function<Frontier, Note> signed) {
    List<Hash> hashes = entries.stream().map(each -> Hash.ofLeaf(each.leaf())).toList();
    List<Node> nodes = new ArrayList<>();
    Frontier to =
        from.append(hashes, (level, index, hash) -> nodes.add(new Node(level, index, hash)));
    return new LogGrowth(from.size(), entries, hashes, to, nodes, signed.apply(to).toString());
  }

  /// What comes into the log with it.
  ///
  /// @param at when, by the database's clock
  Tail.Part part(Instant at) {
    return new Tail.Part(from, at, entries, hashes, note);
  }

  /// Writes all of it but the head, and answers when that is, by the database's clock under the
  /// log's lock: so times are in the log's order, and who gets the lock later has a later one.
  Uni<Instant> append(Mutiny.StatelessSession session) {
    var query = session.createNativeQuery(APPEND, Object.class);
    columns().forEach(query::setParameter);
    return query
        .setParameter("first", from)
        .setParameter("size", to.size())
        .setParameter("root", to.root().hex())
        .setParameter("note", note)
        .setParameter("node_hashes", joined(nodes.stream().map(Node::hash).toList()))
        .setParameter("node_levels", nodes.stream().map(Node::level).toArray(Integer[]::new))
        .setParameter("node_indexes", nodes.stream().map(Node::index).toArray(Long[]::new))
        .getSingleResult()
        .map(PostgresCompleteness::instant);
  }

  /// In `bytes` stand, of each entry, its id and its leaf's hash; and salt, key and value of what
  /// has a salt.
  private Map<String, Object> columns() {
    int count = entries.size();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512 * count);
    Integer[] starts = new Integer[count];
    String[] leaves = new String[count];
    @Nullable UUID[] actions = new UUID[count];
    String[] topics = new String[count];
    @Nullable String[] traceparents = new String[count];
    @Nullable String[] headers = new String[count];
    @Nullable Integer[] keys = new Integer[count];
    @Nullable Integer[] values = new Integer[count];
    for (int n = 0; n < count; n++) {
      Entry entry = entries.get(n);
      // SQL counts from 1.
      starts[n] = bytes.size() + 1;
      bytes.writeBytes(entry.eventId().bytes());
      bytes.writeBytes(hashes.get(n).bytes());
      leaves[n] = new String(entry.leaf(), StandardCharsets.UTF_8);
      actions[n] = entry.actionId() == null ? null : entry.actionId().value();
      topics[n] = entry.topic();
      traceparents[n] = entry.traceparent();
      if (entry.salt() != null) {
        bytes.writeBytes(entry.salt());
        keys[n] = written(entry.key(), bytes);
        values[n] = written(entry.value(), bytes);
        headers[n] = entry.headers();
      }
    }
    return Map.of(
        "bytes", bytes.toByteArray(),
        "starts", starts,
        "leaves", leaves,
        "actions", actions,
        "topics", topics,
        "traceparents", traceparents,
        "headers", headers,
        "keys", keys,
        "values", values);
  }

  /// How many bytes that were; null where there are none to write, which is another thing than 0.
  private static @Nullable Integer written(byte @Nullable [] part, ByteArrayOutputStream bytes) {
    if (part == null) {
      return null;
    }
    bytes.writeBytes(part);
    return part.length;
  }

  /// These hashes, one after the other.
  static byte[] joined(List<Hash> hashes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Hash.BYTES * hashes.size());
    hashes.forEach(each -> bytes.writeBytes(each.bytes()));
    return bytes.toByteArray();
  }
}
