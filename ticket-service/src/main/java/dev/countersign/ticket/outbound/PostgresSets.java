package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Batch;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.ReviewSet;
import dev.countersign.ticket.application.Sets;
import dev.countersign.ticket.domain.AgentSession;
import dev.countersign.ticket.domain.Names;
import dev.countersign.ticket.domain.Question;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Sets of tickets in PostgreSQL.
@ApplicationScoped
class PostgresSets implements Sets {

  private static final String OF_BATCH =
      """
      from ticket t, json_to_record(cast(cast(:key as text) as json)) as k
          (batch text, size int, agent text, platform text, session text)
      where t.batch_id = k.batch and t.batch_size = k.size and t.agent = k.agent
          and t.platform is not distinct from k.platform
          and t.session is not distinct from k.session
      """;

  private static final String MEMBERS =
      "select "
          + TicketRow.COLUMNS
          + " "
          + OF_BATCH
          + """
              and t.prompt is not null and not t.alone and t.trusted_by is null
          order by t.state <> 'pending', t.opened_at, t.action_id limit :most
          """;

  // What waits is found by the question's index, what does not by its key.
  private static final String ALIKE =
      """
      with f as (
          select question_digest, asks from ticket
          where action_id = cast(cast(:id as text) as uuid) and question_digest is not null
              and prompt is not null and not alone and batch_id is null),
      same as (
          (select t.action_id from ticket t, f
          where t.state = 'pending' and t.question_digest = f.question_digest and t.asks = f.asks
              and not t.alone and t.batch_id is null
          order by t.expires_at, t.action_id limit :most)
          union
          select t.action_id from ticket t, f
          where t.action_id = any (array (
              select cast(value as uuid) from json_array_elements_text(cast(cast(:also as text) as json))))
              and t.question_digest = f.question_digest and t.asks = f.asks
              and t.prompt is not null and not t.alone and t.batch_id is null)
      """
          + "select "
          + TicketRow.COLUMNS
          + """
           from ticket t where t.action_id = any (array (select action_id from same))
          order by t.state <> 'pending', t.expires_at, t.action_id
          """;

  private static final String ARRIVED = "select count(*) " + OF_BATCH;

  @Override
  public Uni<Optional<ReviewSet>> batch(Mutiny.StatelessSession session, Docket ticket) {
    Question question = ticket.question();
    Batch batch = ticket.batch();
    if (question == null || batch == null) {
      return Uni.createFrom().item(Optional.empty());
    }
    AgentSession run = AgentSession.of(question.action().agent());
    String key =
        JsonNodeFactory.instance
            .objectNode()
            .put("batch", Names.indexed(batch.id()))
            .put("size", batch.size())
            .put("agent", run.agent())
            .put("platform", run.platform())
            .put("session", run.session())
            .toString();
    return session
        .createNativeQuery(MEMBERS, TicketRow.class)
        .setParameter("key", key)
        .setParameter("most", MOST)
        .getResultList()
        .chain(rows -> Dockets.dockets(session, rows))
        .map(found ->
            found.stream().filter(each -> isForTheSame(each, question.action().agent())).toList())
        .chain(members -> counted(session, key, batch, members));
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
      Mutiny.StatelessSession session, String key, Batch batch, List<Docket> members) {
    return session
        .createNativeQuery(ARRIVED, Long.class)
        .setParameter("key", key)
        .getSingleResult()
        .map(arrived ->
            Optional.of(
                new ReviewSet(
                    ReviewSet.Kind.BATCH, batch.size(), Math.toIntExact(arrived), members)));
  }

  private static boolean isForTheSame(Docket docket, Agent agent) {
    return docket.question() != null
        && Objects.equals(docket.question().action().agent().onBehalfOf(), agent.onBehalfOf());
  }
}
