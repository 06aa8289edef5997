package dev.countersign.notifier.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/// What several threads need at once: the locks of sets, and ids as parameters.
final class Sets {

  // After the rows, and in one order: whoever decides about the messages of a set holds it.
  private static final String LOCK_SETS =
      """
      select cast(pg_advisory_xact_lock(hashtextextended(set_id, 0)) as text) from (
          select distinct value as set_id
          from json_array_elements_text(cast(cast(:sets as text) as json)) order by value) s
      """;

  /// That nobody was told how what the question `q` asks about ended, nor is about to be: until
  /// then the page that it leads to shows what joins its set.
  static final String STILL_ASKS =
      """
      not exists (select 1 from message s where s.action_id = q.action_id
              and s.recipient = q.recipient and s.step = 'answer')
            and not exists (select 1 from untold u where u.action_id = q.action_id)
      """;

  private Sets() {}

  static Set<String> sets(List<ThreadRow> threads) {
    return threads.stream()
        .map(thread -> thread.setId)
        .filter(Objects::nonNull)
        .collect(Collectors.toSet());
  }

  static Uni<Void> lockSets(Mutiny.StatelessSession session, Set<String> sets) {
    return sets.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(LOCK_SETS, String.class)
            .setParameter("sets", json(sets))
            .getResultList()
            .replaceWithVoid();
  }

  /// A JSON array of these as texts, as the statements read sets of any kind.
  static String json(Set<?> values) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    values.forEach(value -> array.add(value.toString()));
    return array.toString();
  }

  static Set<UUID> actions(Collection<MessageRow> rows) {
    return rows.stream().map(row -> row.actionId).collect(Collectors.toSet());
  }
}
