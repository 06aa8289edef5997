package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.ticket.application.Meters;
import dev.countersign.ticket.domain.Budget.Reading;
import dev.countersign.ticket.domain.Meter;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// Meters in PostgreSQL, held in the order of their keys.
@ApplicationScoped
class PostgresMeters implements Meters {

  // An update that changes nothing holds the row, and finds the one that a batch at the same time
  // has just added.
  private static final String HOLD =
      """
      insert into meter as m (kind, who, period)
      select kind, who, period
      from json_to_recordset(cast(cast(:rows as text) as json)) as r (kind text, who text, period text)
      order by kind, who, period
      on conflict (kind, who, period) do update set prompts = m.prompts
      returning kind, who, period, prompts, withheld
      """;

  private static final String SAVE =
      """
      update meter m set prompts = r.prompts, withheld = r.withheld
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (kind text, who text, period text, prompts int, withheld int)
      where m.kind = r.kind and m.who = r.who and m.period = r.period
      """;

  private static final String READ =
      """
      select m.kind, m.who, m.period, m.prompts, m.withheld
      from meter m join json_to_recordset(cast(cast(:rows as text) as json))
          as r (kind text, who text, period text)
          on m.kind = r.kind and m.who = r.who and m.period = r.period
      """;

  private static final String SINCE =
      """
      select kind, who, period, prompts, withheld from meter
      where kind = :kind and period >= :period
      order by period desc, prompts desc, who limit :most
      """;

  @Override
  public Uni<Map<Meter, Reading>> hold(Mutiny.StatelessSession session, Collection<Meter> meters) {
    return readings(
        session.createNativeQuery(HOLD, Object[].class).setParameter("rows", rows(meters)));
  }

  @Override
  public Uni<Map<Meter, Reading>> read(Mutiny.StatelessSession session, Collection<Meter> meters) {
    return readings(
        session.createNativeQuery(READ, Object[].class).setParameter("rows", rows(meters)));
  }

  @Override
  public Uni<Map<Meter, Reading>> since(
      Mutiny.StatelessSession session, Meter.Kind kind, String period, int atMost) {
    return readings(
        session
            .createNativeQuery(SINCE, Object[].class)
            .setParameter("kind", kind.word())
            .setParameter("period", period)
            .setParameter("most", atMost));
  }

  private static String rows(Collection<Meter> meters) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    meters.stream().distinct().forEach(meter -> rows.add(row(meter)));
    return rows.toString();
  }

  private static Uni<Map<Meter, Reading>> readings(Mutiny.SelectionQuery<Object[]> query) {
    return query
        .getResultList()
        .map(rows -> {
          Map<Meter, Reading> readings = new LinkedHashMap<>();
          for (Object[] each : rows) {
            readings.put(meter(each), new Reading((Integer) each[3], (Integer) each[4]));
          }
          return readings;
        });
  }

  @Override
  public Uni<Void> save(Mutiny.StatelessSession session, Map<Meter, Reading> readings) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    readings.forEach((meter, reading) ->
        rows.add(row(meter).put("prompts", reading.prompts()).put("withheld", reading.withheld())));
    return session
        .createNativeQuery(SAVE)
        .setParameter("rows", rows.toString())
        .executeUpdate()
        .replaceWithVoid();
  }

  private static ObjectNode row(Meter meter) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("kind", meter.kind().word())
        .put("who", meter.who())
        .put("period", meter.period());
  }

  private static Meter meter(Object[] row) {
    return new Meter(
        Meter.Kind.valueOf(((String) row[0]).toUpperCase(Locale.ROOT)),
        (String) row[1],
        (String) row[2]);
  }
}
