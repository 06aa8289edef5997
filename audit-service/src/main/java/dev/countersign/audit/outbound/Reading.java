package dev.countersign.audit.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.Place;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.hibernate.reactive.mutiny.Mutiny;

/// Notes what was read of each partition, in the transaction that appends it: the log and what is
/// said of its completeness commit together. What begins beyond where reading stood is a gap.
final class Reading {

  // Batches hold runs, nearly always one a partition: offsets without a hole between them.
  private static final String NOTE =
      """
      with run as (
        select c.n, c.topic, c.partition, c.first, c.past, c.records, c.entries,
          greatest(
            max(c.past) over (
              partition by c.topic, c.partition order by c.n
              rows between unbounded preceding and 1 preceding),
            r.next, 0) as next
        from json_to_recordset(cast(cast(:runs as text) as json)) as c (
            n integer, topic text, partition integer, first bigint, past bigint, records bigint,
            entries bigint)
          left join reading r on r.topic = c.topic and r.partition = c.partition
      ), passed_over as (
        insert into gap (topic, partition, kind, first, past)
        select topic, partition, 'skipped', next, first from run where first > next order by n
      )
      insert into reading (topic, partition, next, records, entries)
      select topic, partition, max(past), sum(records), sum(entries)
      from run group by topic, partition order by topic, partition
      on conflict (topic, partition) do update set
        next = greatest(reading.next, excluded.next),
        records = reading.records + excluded.records,
        entries = reading.entries + excluded.entries
      """;

  private final TopicPartition partition;
  private final long first;
  private long past;
  private long records;
  private long entries;

  private Reading(Place first) {
    this.partition = new TopicPartition(first.topic(), first.partition());
    this.first = first.offset();
    this.past = first.offset();
  }

  /// Notes that these were read, and that some of them became entries.
  static Uni<Void> note(Mutiny.StatelessSession session, List<Entry> read, List<Entry> appended) {
    List<Reading> runs = runs(read, appended);
    return runs.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(NOTE)
            .setParameter("runs", json(runs))
            .executeUpdate()
            .replaceWithVoid();
  }

  private static List<Reading> runs(List<Entry> read, List<Entry> appended) {
    Set<Entry> fresh = Collections.newSetFromMap(new IdentityHashMap<>());
    fresh.addAll(appended);
    Map<TopicPartition, Reading> open = new HashMap<>();
    List<Reading> runs = new ArrayList<>();
    for (Entry entry : read) {
      Place place = entry.place();
      if (place == null) {
        continue;
      }
      Reading run =
          open.compute(
              new TopicPartition(place.topic(), place.partition()),
              (_, last) -> last != null && last.past == place.offset() ? last : new Reading(place));
      if (run.records == 0) {
        runs.add(run);
      }
      run.past = place.offset() + 1;
      run.records++;
      run.entries += fresh.contains(entry) ? 1 : 0;
    }
    return runs;
  }

  private static String json(List<Reading> runs) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Reading run : runs) {
      rows.addObject()
          .put("n", rows.size())
          .put("topic", run.partition.topic())
          .put("partition", run.partition.partition())
          .put("first", run.first)
          .put("past", run.past)
          .put("records", run.records)
          .put("entries", run.entries);
    }
    return rows.toString();
  }
}
