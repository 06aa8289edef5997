package dev.countersign.audit.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.audit.application.Tree;
import dev.countersign.tlog.EntryBundle;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Tile;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// The tree's tables, for reading: a tile is one range of rows, and all rows that a proof needs are
/// one statement.
@ApplicationScoped
class PostgresTree implements Tree {

  private static final String HEAD =
      "select size, encode(root, 'hex'), encode(frontier, 'hex') from state";

  private static final String SIGNED = "select note from checkpoint order by size desc limit 1";
  private static final String PUBLISHED =
      """
      select note from checkpoint where size <= (select size from published)
      order by size desc limit 1
      """;

  private static final String COSIGNED = "select note from cosigned order by size desc limit 1";

  private static final String KEEP =
      "insert into cosigned (size, note) values (:size, :note) on conflict (size) do nothing";

  private static final String HASHES =
      """
      select r.n, encode(string_agg(h.hash, '' order by h.idx), 'hex')
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (n integer, level smallint, first bigint, past bigint),
        lateral (
          select l.idx, l.leaf_hash as hash from leaf l
          where r.level = 0 and l.idx >= r.first and l.idx < r.past
          union all
          select n.idx, n.hash from node n
          where n.level = r.level and n.idx >= r.first and n.idx < r.past) h
      group by r.n
      """;

  // What is missing is served as missing, so that whoever verifies can name it: an entry of no
  // bytes, a hash of zeros.
  private static final String LEAVES =
      """
      select coalesce(encode(l.leaf_hash, 'hex'), repeat('00', 32))
      from generate_series(cast(:first as bigint), cast(:past as bigint) - 1) as at (idx)
      left join leaf l on l.idx = at.idx
      order by at.idx
      """;

  private static final String NODES =
      """
      select coalesce(encode(n.hash, 'hex'), repeat('00', 32))
      from generate_series(cast(:first as bigint), cast(:past as bigint) - 1) as at (idx)
      left join node n on n.level = :level and n.idx = at.idx
      order by at.idx
      """;

  private static final String ENTRIES =
      """
      select coalesce(l.entry, '')
      from generate_series(cast(:first as bigint), cast(:past as bigint) - 1) as at (idx)
      left join leaf l on l.idx = at.idx
      order by at.idx
      """;

  private final Sessions sessions;

  @Inject
  PostgresTree(Sessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Uni<Head> head() {
    return sessions.reading(session ->
        session.createNativeQuery(HEAD, Object[].class).getSingleResult().map(PostgresTree::head));
  }

  private static Head head(Object[] row) {
    long size = ((Number) row[0]).longValue();
    return new Head(
        size,
        Hash.ofHex((String) row[1]),
        Frontier.of(size, HexFormat.of().parseHex((String) row[2])));
  }

  @Override
  public Uni<Optional<Note>> signed() {
    return note(SIGNED);
  }

  @Override
  public Uni<Optional<Note>> published() {
    return note(PUBLISHED);
  }

  @Override
  public Uni<Optional<Note>> cosigned() {
    return note(COSIGNED);
  }

  private Uni<Optional<Note>> note(String select) {
    return sessions.reading(session ->
        session
            .createNativeQuery(select, String.class)
            .getSingleResultOrNull()
            .map(note -> Optional.ofNullable(note).map(it -> Note.read(it.getBytes(UTF_8)))));
  }

  @Override
  public Uni<Void> keepCosigned(long size, Note note) {
    return sessions.in(session ->
        session
            .createNativeQuery(KEEP)
            .setParameter("size", size)
            .setParameter("note", note.toString())
            .executeUpdate()
            .replaceWithVoid());
  }

  @Override
  public Uni<Map<Row, List<Hash>>> read(Collection<Row> rows) {
    return rows.isEmpty()
        ? Uni.createFrom().item(Map.of())
        : sessions.reading(session -> read(session, rows));
  }

  static Uni<Map<Row, List<Hash>>> read(Mutiny.StatelessSession session, Collection<Row> rows) {
    List<Row> asked = List.copyOf(rows);
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (int n = 0; n < asked.size(); n++) {
      Row row = asked.get(n);
      json.addObject()
          .put("n", n)
          .put("level", row.level())
          .put("first", row.from())
          .put("past", row.from() + row.count());
    }
    return session
        .createNativeQuery(HASHES, Object[].class)
        .setParameter("rows", json.toString())
        .getResultList()
        .map(found -> {
          Map<Row, List<Hash>> hashes = new HashMap<>();
          for (Object[] each : found) {
            Row row = asked.get(((Number) each[0]).intValue());
            List<Hash> read = hashes((String) each[1]);
            if (read.size() == row.count()) {
              hashes.put(row, read);
            }
          }
          return hashes;
        });
  }

  private static List<Hash> hashes(String hex) {
    List<Hash> hashes = new ArrayList<>();
    for (int from = 0; from < hex.length(); from += 2 * Hash.BYTES) {
      hashes.add(Hash.ofHex(hex.substring(from, from + 2 * Hash.BYTES)));
    }
    return hashes;
  }

  @Override
  public Uni<Optional<byte[]>> tile(Tile tile) {
    return head()
        .chain(head -> {
          if (!tile.existsIn(head.size())) {
            return Uni.createFrom().item(Optional.empty());
          }
          return switch (tile.level()) {
            case Tile.ENTRIES -> column(ENTRIES, tile, Map.of()).map(PostgresTree::bundle);
            case 0 -> column(LEAVES, tile, Map.of()).map(PostgresTree::hashTile);
            default ->
                column(NODES, tile, Map.of("level", tile.level())).map(PostgresTree::hashTile);
          };
        });
  }

  private Uni<List<String>> column(String select, Tile tile, Map<String, Object> more) {
    return sessions.reading(session -> {
      var query =
          session
              .createNativeQuery(select, String.class)
              .setParameter("first", tile.from())
              .setParameter("past", tile.from() + tile.width());
      more.forEach(query::setParameter);
      return query.getResultList();
    });
  }

  private static Optional<byte[]> hashTile(List<String> hashes) {
    return Optional.of(HexFormat.of().parseHex(String.join("", hashes)));
  }

  private static Optional<byte[]> bundle(List<String> entries) {
    return Optional.of(
        EntryBundle.bytes(entries.stream().map(entry -> entry.getBytes(UTF_8)).toList()));
  }
}
