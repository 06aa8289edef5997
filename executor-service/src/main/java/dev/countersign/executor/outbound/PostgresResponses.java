package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.Executions.Finish;
import dev.countersign.executor.application.Responses;
import dev.countersign.executor.domain.Response;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Responses as rows, beside the outcomes that they came with.
@ApplicationScoped
class PostgresResponses implements Responses {

  private static final String KEEP =
      """
      insert into response (action_id, content_type, body, too_large, kept_until)
      select action_id, content_type, decode(body, 'base64'), body is null,
             now() + cast(keep as double precision) * interval '1 second'
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (action_id uuid, content_type text, body text, keep double precision)
      on conflict do nothing
      """;

  private static final String FORGET =
      """
      update response set body = null
      where action_id = any (array (
        select action_id from response where body is not null and kept_until <= now()
        order by kept_until limit 500 for update skip locked))
      """;

  // What is over is over, swept or not.
  private static final String FIND =
      """
      select content_type, too_large,
             case when kept_until > now() then encode(body, 'base64') end
      from response where action_id = cast(:id as uuid)
      """;

  private final Mutiny.SessionFactory sessions;

  @Inject
  PostgresResponses(Mutiny.SessionFactory sessions) {
    this.sessions = sessions;
  }

  /// Keeps what came with these, as far as they are what ended the action.
  Uni<Void> keep(
      Mutiny.StatelessSession session, List<Finish> finished, List<EndedExecutions.Ended> written) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    Set<Begun.Attempt> ended = EndedExecutions.keys(written);
    for (Finish each : finished) {
      Response response = each.outcome().response();
      if (response != null && ended.contains(each.begun().key())) {
        byte[] body = response.body();
        rows.addObject()
            .put("action_id", each.begun().actionId().toString())
            .put("content_type", response.contentType())
            .put("body", body == null ? null : Base64.getEncoder().encodeToString(body))
            .put("keep", response.keep().toMillis() / 1000.0);
      }
    }
    return rows.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(KEEP)
            .setParameter("rows", rows.toString())
            .executeUpdate()
            .replaceWithVoid();
  }

  /// Empties those whose time is over.
  Uni<Void> forget(Mutiny.StatelessSession session) {
    return session.createNativeQuery(FORGET).executeUpdate().replaceWithVoid();
  }

  @Override
  public Uni<Kept> find(ActionId actionId) {
    return sessions
        .withStatelessSession(session ->
            session
                .createNativeQuery(FIND, Object[].class)
                .setParameter("id", actionId.toString())
                .getResultList())
        .map(rows ->
            rows.stream().findFirst().map(PostgresResponses::kept).orElse(new Kept.Nothing()));
  }

  private static Kept kept(Object[] row) {
    if ((Boolean) row[1]) {
      return new Kept.TooLarge();
    }
    return row[2] == null
        ? new Kept.Gone()
        : new Kept.Body((String) row[0], Base64.getMimeDecoder().decode((String) row[2]));
  }
}
