package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Agent;
import dev.countersign.events.Batch;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.ReviewSet;
import dev.countersign.ticket.application.Sets;
import dev.countersign.ticket.domain.Question;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

  private static final String ARRIVED = "select count(*) " + OF_BATCH;

  @Override
  public Uni<Optional<ReviewSet>> batch(Mutiny.StatelessSession session, Docket ticket) {
    Question question = ticket.question();
    Batch batch = ticket.batch();
    if (question == null || batch == null) {
      return Uni.createFrom().item(Optional.empty());
    }
    Agent agent = question.action().agent();
    String key =
        JsonNodeFactory.instance
            .objectNode()
            .put("batch", PostgresTickets.text(batch.id()))
            .put("size", batch.size())
            .put("agent", PostgresTickets.text(agent.id()))
            .put("platform", PostgresTickets.maybeText(agent.platform()))
            .put("session", PostgresTickets.maybeText(agent.session()))
            .toString();
    return session
        .createNativeQuery(MEMBERS, TicketRow.class)
        .setParameter("key", key)
        .setParameter("most", MOST)
        .getResultList()
        .chain(rows -> PostgresTickets.dockets(session, rows))
        .map(found -> found.stream().filter(each -> isForTheSame(each, agent)).toList())
        .chain(members -> counted(session, key, batch, members));
  }

  private static Uni<Optional<ReviewSet>> counted(
      Mutiny.StatelessSession session, String key, Batch batch, List<Docket> members) {
    return session
        .createNativeQuery(ARRIVED, Long.class)
        .setParameter("key", key)
        .getSingleResult()
        .map(
            arrived -> Optional.of(new ReviewSet(batch.size(), Math.toIntExact(arrived), members)));
  }

  private static boolean isForTheSame(Docket docket, Agent agent) {
    return docket.question() != null
        && Objects.equals(docket.question().action().agent().onBehalfOf(), agent.onBehalfOf());
  }
}
