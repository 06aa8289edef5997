package dev.countersign.audit.outbound;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.audit.application.Log;
import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.Replay;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.messaging.OwnContext;
import dev.countersign.verifier.Evidence;
import dev.countersign.verifier.Hash;
import dev.countersign.verifier.Head;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The log in PostgreSQL. The row of `state` is locked for each transaction, so that all writers,
/// also those of other instances, append one after the other.
@ApplicationScoped
class PostgresLog implements Log {

  private static final int TRANSACTION_ENTRIES = 1_000;
  private static final int TRANSACTION_BYTES = 8 * 1024 * 1024;
  private static final JsonFactory JSON = new JsonFactory();
  private static final Base64.Encoder BASE64 = Base64.getEncoder();
  private static final byte[] OPEN = "[[[[".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SHUT = "]]]]".getBytes(StandardCharsets.US_ASCII);

  private static final String LOCK = "select size, encode(link, 'hex') from state for update";

  private static final String KNOWN =
      """
      select encode(event_id, 'hex') from leaf
      where event_id in (
        select decode(id, 'hex') from json_array_elements_text(cast(cast(:ids as text) as json)) id)
      """;

  private static final String APPEND =
      """
      with entry as (
        select * from json_to_recordset(cast(cast(:rows as text) as json)) as r (
          idx bigint, event_id text, leaf_hash text, link text, entry text, action_id uuid,
          topic text, traceparent text, salt text, key text, value text, headers text)
      ), apart as (
        insert into payload (idx, salt, key, value, headers)
        select idx, decode(salt, 'base64'), decode(key, 'base64'), decode(value, 'base64'),
          cast(headers as json)
        from entry order by idx
      )
      insert into leaf (idx, event_id, leaf_hash, link, entry, action_id, topic, traceparent)
      select idx, decode(event_id, 'hex'), decode(leaf_hash, 'hex'), decode(link, 'hex'), entry,
        action_id, topic, traceparent
      from entry order by idx
      """;

  private static final String MOVE_HEAD =
      "update state set size = :size, link = decode(:link, 'hex') where size = :old";

  private static final String EVIDENCE =
      """
      select l.topic, l.index, l.entry, l.leafHash, l.link, p.salt, p.value, b.link from LeafRow l
      join PayloadRow p on p.index = l.index
      left join LeafRow b on b.index = l.index - 1
      where l.actionId = :action and l.index < :size
      order by l.index
      """;

  private static final String STRETCH =
      """
      select l.topic, l.index, l.entry, l.leafHash, l.link from LeafRow l
      where l.index >= :from and l.index < :to
      order by l.index
      """;

  private final Mutiny.SessionFactory sessions;
  private final Vertx vertx;

  @Inject
  PostgresLog(Mutiny.SessionFactory sessions, Vertx vertx) {
    this.sessions = sessions;
    this.vertx = vertx;
  }

  @Override
  public Uni<Head> append(List<Entry> entries) {
    return Multi.createFrom()
        .iterable(transactions(entries))
        .onItem()
        .transformToUniAndConcatenate(part -> inTransaction(session -> append(session, part)))
        .collect()
        .last()
        .onItem()
        .ifNull()
        .switchTo(this::head);
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

  private <T> Uni<T> inTransaction(Function<Mutiny.StatelessSession, Uni<T>> work) {
    return Uni.createFrom()
        .deferred(() ->
            Uni.createFrom()
                .deferred(() -> sessions.withStatelessTransaction(work))
                .runSubscriptionOn(OwnContext.of(vertx.getDelegate().getOrCreateContext())));
  }

  private static Uni<Head> append(Mutiny.StatelessSession session, List<Entry> entries) {
    return head(session, LOCK)
        .chain(head ->
            known(session, entries).chain(known -> append(session, head, unknown(entries, known))));
  }

  private static Uni<Head> head(Mutiny.StatelessSession session, String select) {
    return session
        .createNativeQuery(select, Object[].class)
        .getSingleResult()
        .map(row ->
            new Head(
                ((Number) row[0]).longValue(),
                Hash.of(HexFormat.of().parseHex((String) row[1])).digest()));
  }

  private static Uni<Set<String>> known(Mutiny.StatelessSession session, List<Entry> entries) {
    ArrayNode ids = JsonNodeFactory.instance.arrayNode();
    entries.forEach(entry -> ids.add(entry.eventId().hex()));
    return session
        .createNativeQuery(KNOWN, String.class)
        .setParameter("ids", ids.toString())
        .getResultList()
        .map(HashSet::new);
  }

  private static List<Entry> unknown(List<Entry> entries, Set<String> known) {
    // The same record can stand twice in one batch, too; the first keeps its place.
    Map<Hash, Entry> unknown = new LinkedHashMap<>();
    for (Entry entry : entries) {
      if (!known.contains(entry.eventId().hex())) {
        unknown.putIfAbsent(entry.eventId(), entry);
      }
    }
    return List.copyOf(unknown.values());
  }

  private static Uni<Head> append(Mutiny.StatelessSession session, Head head, List<Entry> entries) {
    if (entries.isEmpty()) {
      return Uni.createFrom().item(head);
    }
    StringWriter rows = new StringWriter(1_024 * entries.size());
    long index = head.size();
    Hash link = Hash.of(head.link());
    try (JsonGenerator json = JSON.createGenerator(rows)) {
      json.writeStartArray();
      for (Entry entry : entries) {
        Hash leafHash = Hash.ofLeaf(entry.leaf());
        link = link.link(leafHash);
        write(json, index, leafHash, link, entry);
        index++;
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Head grown = new Head(index, link.digest());
    return session
        .createNativeQuery(APPEND)
        .setParameter("rows", rows.toString())
        .executeUpdate()
        .chain(_ -> moveHead(session, head, grown, Hash.of(grown.link())))
        .replaceWith(grown);
  }

  private static void write(JsonGenerator json, long index, Hash leafHash, Hash link, Entry entry)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField("idx", index);
    json.writeStringField("event_id", entry.eventId().hex());
    json.writeStringField("leaf_hash", leafHash.hex());
    json.writeStringField("link", link.hex());
    json.writeStringField("entry", new String(entry.leaf(), StandardCharsets.UTF_8));
    if (entry.actionId() != null) {
      json.writeStringField("action_id", entry.actionId().toString());
    }
    json.writeStringField("topic", entry.topic());
    if (entry.traceparent() != null) {
      json.writeStringField("traceparent", entry.traceparent());
    }
    json.writeBinaryField("salt", entry.salt());
    if (entry.key() != null) {
      json.writeBinaryField("key", entry.key());
    }
    if (entry.value() != null) {
      json.writeBinaryField("value", entry.value());
    }
    // As text: U+0000 in a name, which the column keeps, json_to_recordset refuses.
    json.writeStringField("headers", entry.headers());
    json.writeEndObject();
  }

  private static Uni<Void> moveHead(
      Mutiny.StatelessSession session, Head from, Head to, Hash link) {
    return session
        .createNativeQuery(MOVE_HEAD)
        .setParameter("size", to.size())
        .setParameter("link", link.hex())
        .setParameter("old", from.size())
        .executeUpdate()
        .invoke(moved -> {
          if (moved != 1) {
            // The row is locked, so this cannot be; if it were, two chains would begin here.
            throw new IllegalStateException("the log grew under a writer that held its lock");
          }
        })
        .replaceWithVoid();
  }

  @Override
  public Uni<Head> head() {
    return inTransaction(PostgresLog::head);
  }

  private static Uni<Head> head(Mutiny.StatelessSession session) {
    return head(session, "select size, encode(link, 'hex') from state");
  }

  @Override
  public Uni<Optional<Evidence>> findEvidence(ActionId actionId) {
    return inTransaction(session ->
        head(session)
            .chain(head ->
                session
                    .createQuery(EVIDENCE, Object[].class)
                    .setParameter("action", actionId.value())
                    .setParameter("size", head.size())
                    .getResultList()
                    .map(rows -> evidence(actionId, rows, head))));
  }

  private static Optional<Evidence> evidence(ActionId actionId, List<Object[]> rows, Head head) {
    return rows.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Evidence(actionId, rows.stream().map(PostgresLog::evidence).toList(), head));
  }

  private static Evidence.Item evidence(Object[] row) {
    Replay.Item leaf = item(row);
    byte[] value = (byte[]) row[6];
    byte[] previous = (byte[]) row[7];
    return new Evidence.Item(
        leaf.topic(),
        leaf.index(),
        leaf.leaf(),
        leaf.leafHash(),
        (previous == null ? Hash.GENESIS : Hash.of(previous)).digest(),
        leaf.link(),
        event(value),
        base64(value),
        BASE64.encodeToString((byte[]) row[5]));
  }

  private static Replay.Item item(Object[] row) {
    return new Replay.Item(
        (String) row[0],
        (Long) row[1],
        BASE64.encodeToString(((String) row[2]).getBytes(StandardCharsets.UTF_8)),
        Hash.of((byte[]) row[3]).digest(),
        Hash.of((byte[]) row[4]).digest());
  }

  private static @Nullable JsonNode event(byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    // Evidence must be readable as a whole: what is as deep as a reader goes is left to `value`.
    byte[] wrapped = Arrays.copyOf(OPEN, OPEN.length + value.length + SHUT.length);
    System.arraycopy(value, 0, wrapped, OPEN.length, value.length);
    System.arraycopy(SHUT, 0, wrapped, OPEN.length + value.length, SHUT.length);
    try {
      JsonNode event = EventJson.readTree(wrapped).at("/0/0/0/0");
      return event.equals(EventJson.readTree(value)) ? event : null;
    } catch (IllegalArgumentException e) {
      // Not JSON, and logged all the same.
      return null;
    }
  }

  @Override
  public Uni<Replay> replay(long from, int limit) {
    return inTransaction(session ->
        head(session)
            .chain(head -> {
              // One before, for its link.
              long before = Math.max(0, from - 1);
              long to = Math.min(head.size(), from + limit);
              return session
                  .createQuery(STRETCH, Object[].class)
                  .setParameter("from", before)
                  .setParameter("to", to)
                  .getResultList()
                  .map(rows -> replay(rows, from, head));
            }));
  }

  private static Replay replay(List<Object[]> rows, long from, Head head) {
    List<Replay.Item> items = new ArrayList<>(rows.stream().map(PostgresLog::item).toList());
    Digest previous = Hash.GENESIS.digest();
    if (!items.isEmpty() && items.getFirst().index() < from) {
      previous = items.removeFirst().link();
    }
    return new Replay(previous, items, head);
  }

  private static @Nullable String base64(byte @Nullable [] bytes) {
    return bytes == null ? null : BASE64.encodeToString(bytes);
  }
}
