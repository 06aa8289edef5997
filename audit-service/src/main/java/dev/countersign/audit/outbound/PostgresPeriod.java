package dev.countersign.audit.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.audit.application.LoggedEntry;
import dev.countersign.audit.application.ReadPeriod;
import dev.countersign.audit.domain.Period;
import dev.countersign.events.ActionId;
import dev.countersign.tlog.Hash;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// A period's entries from the log's tables, by ranges of the index: two statements a page.
@ApplicationScoped
class PostgresPeriod implements ReadPeriod {

  // Who holds the log has its time, and may not have committed yet; who comes after has a later
  // one.
  private static final String WAIT = "select size from state for share";

  private static final String WITHIN =
      """
      l.appended_at >= cast(cast(:from as text) as timestamptz)
      and l.appended_at < cast(cast(:to as text) as timestamptz)
      """;

  // Fenced, or the planner may walk the index from its beginning in search of the least.
  private static final String FIND =
      "select min(w.idx), max(w.idx) from (select l.idx from leaf l where "
          + WITHIN
          + " offset 0) w";

  // A page has 500 entries, and no more after 1 MiB of payload, which is many times that once it is
  // read: sizes are known without reading it.
  private static final String PAGE =
      """
      select s.idx, s.topic, s.entry, encode(s.leaf_hash, 'hex'), cast(s.action_id as text),
        to_char(s.appended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        encode(s.salt, 'hex'), encode(s.value, 'base64')
      from (
        select l.idx, l.topic, l.entry, l.leaf_hash, l.action_id, l.appended_at, p.salt, p.value,
          sum(coalesce(octet_length(p.value), 0)) over (order by l.idx)
            - coalesce(octet_length(p.value), 0) as bytes_before
        from leaf l left join payload p on p.idx = l.idx
        where l.idx >= :first and l.idx <= :last and
      """
          + WITHIN
          + """
            order by l.idx
            limit 500) s
          where s.bytes_before < 1048576
          order by s.idx
          """;

  // What is larger than a proposal may be is none.
  private static final String PROPOSALS =
      """
      select distinct on (l.action_id) cast(l.action_id as text), encode(p.value, 'base64')
      from leaf l join payload p on p.idx = l.idx
      where l.topic = 'action-proposed' and octet_length(p.value) <= 65536
        and l.action_id in (
          select cast(id as uuid) from json_array_elements_text(cast(cast(:ids as text) as json)) id)
      order by l.action_id, l.idx
      """;

  private final Sessions sessions;

  @Inject
  PostgresPeriod(Sessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Uni<Optional<Range>> find(Period period) {
    return sessions
        .in(session -> session.createNativeQuery(WAIT, Long.class).getSingleResult())
        .chain(() -> sessions.in(session -> find(session, period)));
  }

  private static Uni<Optional<Range>> find(Mutiny.StatelessSession session, Period period) {
    return session
        .createNativeQuery(FIND, Object[].class)
        .setParameter("from", period.from().toString())
        .setParameter("to", period.to().toString())
        .getSingleResult()
        .map(row ->
            row[0] == null
                ? Optional.empty()
                : Optional.of(
                    new Range(((Number) row[0]).longValue(), ((Number) row[1]).longValue())));
  }

  @Override
  public Uni<List<LoggedEntry>> page(Period period, Range range, long from) {
    return sessions.in(session ->
        session
            .createNativeQuery(PAGE, Object[].class)
            .setParameter("first", from)
            .setParameter("last", range.last())
            .setParameter("from", period.from().toString())
            .setParameter("to", period.to().toString())
            .getResultList()
            .map(rows -> rows.stream().map(PostgresPeriod::entry).toList()));
  }

  private static LoggedEntry entry(Object[] row) {
    byte[] value = base64((String) row[7]);
    return new LoggedEntry(
        ((Number) row[0]).longValue(),
        Instant.parse((String) row[5]),
        (String) row[1],
        row[4] == null ? null : ActionId.of((String) row[4]),
        ((String) row[2]).getBytes(UTF_8),
        Hash.ofHex((String) row[3]),
        row[6] == null ? null : HexFormat.of().parseHex((String) row[6]),
        value,
        EvidenceFiles.event(value));
  }

  private static byte @Nullable [] base64(@Nullable String lines) {
    return lines == null ? null : Base64.getMimeDecoder().decode(lines);
  }

  @Override
  public Uni<Map<ActionId, byte[]>> proposals(Collection<ActionId> actions) {
    ArrayNode ids = JsonNodeFactory.instance.arrayNode();
    actions.forEach(each -> ids.add(each.toString()));
    return sessions.in(session ->
        session
            .createNativeQuery(PROPOSALS, Object[].class)
            .setParameter("ids", ids.toString())
            .getResultList()
            .map(rows -> {
              Map<ActionId, byte[]> found = new HashMap<>();
              for (Object[] row : rows) {
                found.put(
                    ActionId.of((String) row[0]), Base64.getMimeDecoder().decode((String) row[1]));
              }
              return found;
            }));
  }
}
