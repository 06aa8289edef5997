package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.Batch;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.ReviewSet;
import dev.countersign.ticket.application.Sets;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Sets of tickets in PostgreSQL.
@ApplicationScoped
class PostgresSets implements Sets {

  /// All tickets of the batch of a ticket `f`, also those that nobody has to be asked about.
  static final String OF_BATCH =
      """
      from ticket t
      where not f.alone and t.batch_id = f.batch_id and t.batch_size = f.batch_size
          and t.agent = f.agent and t.platform is not distinct from f.platform
          and t.session is not distinct from f.session
          and coalesce(readable(t.asker), readable(t.action) -> 'agent') ->> 'onBehalfOf'
              is not distinct from
              coalesce(readable(f.asker), readable(f.action) -> 'agent') ->> 'onBehalfOf'
      """;

  /// Those of them that a page shows. It and the mark of an open page read the same.
  static final String SHOWN_OF_BATCH =
      "select t.action_id, t.version, t.state "
          + OF_BATCH
          + """
              and t.prompt is not null and t.trusted_by is null and not t.alone
          order by t.state <> 'pending', t.opened_at, t.action_id limit :most
          """;

  private static final String SAME =
      """
      f.prompt is not null and not f.alone and f.batch_id is null
              and t.question_digest = f.question_digest and t.asks = f.asks
              and t.prompt is not null and not t.alone and t.batch_id is null
      """;

  /// What a page shows that asks the same as a ticket `f`, of what is not pending those of an array
  /// alone: what waits is found by the question's index, what does not by its key.
  static final String SHOWN_ALIKE =
      """
      (select t.action_id, t.version, t.state from ticket t where t.state = 'pending' and\
      """
          + " "
          + SAME
          + """
          order by t.expires_at, t.action_id limit :most)
          union
          select t.action_id, t.version, t.state from ticket t where t.action_id = any (%s) and\
          """
          + " "
          + SAME;

  private static final String MEMBERS =
      "select "
          + TicketRow.COLUMNS
          + """
           from ticket f cross join lateral (%s) m join ticket t on t.action_id = m.action_id
          where f.action_id = cast(cast(:id as text) as uuid)
          order by t.state <> 'pending',\
          """;

  private static final String BATCH =
      MEMBERS.formatted(SHOWN_OF_BATCH) + " t.opened_at, t.action_id";

  private static final String ALIKE =
      MEMBERS.formatted(
              SHOWN_ALIKE.formatted(
                  """
                  array (select cast(value as uuid)
                      from json_array_elements_text(cast(cast(:also as text) as json)))\
                  """))
          + " t.expires_at, t.action_id";

  private static final String ARRIVED =
      "select m.arrived from ticket f cross join lateral (select count(*) as arrived "
          + OF_BATCH
          + ") m where f.action_id = cast(cast(:id as text) as uuid)";

  @Override
  public Uni<Optional<ReviewSet>> batch(Mutiny.StatelessSession session, Docket ticket) {
    Batch batch = ticket.batch();
    if (batch == null) {
      return Uni.createFrom().item(Optional.empty());
    }
    return session
        .createNativeQuery(BATCH, TicketRow.class)
        .setParameter("id", ticket.actionId().toString())
        .setParameter("most", MOST)
        .getResultList()
        .chain(rows -> Dockets.dockets(session, rows))
        .chain(members -> counted(session, ticket.actionId(), batch, members));
  }

  @Override
  public Uni<Optional<ReviewSet>> alike(
      Mutiny.StatelessSession session, ActionId ticket, Set<ActionId> also) {
    ArrayNode shown = JsonNodeFactory.instance.arrayNode().add(ticket.toString());
    also.forEach(id -> shown.add(id.toString()));
    return session
        .createNativeQuery(ALIKE, TicketRow.class)
        .setParameter("id", ticket.toString())
        .setParameter("also", shown.toString())
        .setParameter("most", MOST)
        .getResultList()
        .chain(rows ->
            rows.size() < 2
                ? Uni.createFrom().item(Optional.empty())
                : Dockets.dockets(session, rows)
                    .map(members -> Optional.of(ReviewSet.alike(members))));
  }

  private static Uni<Optional<ReviewSet>> counted(
      Mutiny.StatelessSession session, ActionId ticket, Batch batch, List<Docket> members) {
    return session
        .createNativeQuery(ARRIVED, Long.class)
        .setParameter("id", ticket.toString())
        .getSingleResult()
        .map(arrived ->
            Optional.of(
                new ReviewSet(
                    ReviewSet.Kind.BATCH, batch.size(), Math.toIntExact(arrived), members)));
  }
}
