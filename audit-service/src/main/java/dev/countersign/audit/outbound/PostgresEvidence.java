package dev.countersign.audit.outbound;

import dev.countersign.audit.application.FindEvidence;
import dev.countersign.audit.application.NewestCheckpoint;
import dev.countersign.audit.application.Tree;
import dev.countersign.events.ActionId;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.Proofs;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Span;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/// An action's evidence from the log's tables: four statements, whatever the log's size.
@ApplicationScoped
class PostgresEvidence implements FindEvidence {

  private static final Logger LOG = Logger.getLogger(PostgresEvidence.class);

  /// Whoever may write to a topic may write there as much as they like.
  private static final String EXTENT =
      """
      select count(*), coalesce(sum(bytes), 0) from (
        select octet_length(l.entry) + coalesce(octet_length(p.value), 0) bytes
        from leaf l left join payload p on p.idx = l.idx
        where l.action_id = :action limit :most) entries
      """;

  private static final String ROWS =
      """
      select l.index, l.topic, l.entry, p.salt, p.value
      from LeafRow l left join PayloadRow p on p.index = l.index
      where l.actionId = :action
      order by l.index
      """;

  private final Sessions sessions;
  private final Tree tree;
  private final NewestCheckpoint checkpoints;
  private final EvidenceFiles files;
  private final Vertx vertx;

  @Inject
  PostgresEvidence(
      Sessions sessions,
      Tree tree,
      NewestCheckpoint checkpoints,
      EvidenceFiles files,
      Vertx vertx) {
    this.sessions = sessions;
    this.tree = tree;
    this.checkpoints = checkpoints;
    this.files = files;
    this.vertx = vertx;
  }

  @Override
  public Uni<Found> find(ActionId actionId) {
    return sessions
        .reading(session ->
            fits(session, actionId)
                .chain(fits ->
                    fits
                        ? rows(session, actionId).map(Optional::of)
                        : Uni.createFrom().item(Optional.<List<LoggedRow>>empty())))
        .chain(
            rows -> rows.map(it -> find(actionId, it)).orElseGet(() -> found(new Found.TooMuch())));
  }

  private static Uni<Found> found(Found found) {
    return Uni.createFrom().item(found);
  }

  private Uni<Found> find(ActionId actionId, List<LoggedRow> rows) {
    return rows.isEmpty()
        ? found(new Found.Nothing())
        : checkpoints
            .awaited(rows.getLast().index())
            .chain(checkpoint ->
                checkpoint
                    .map(note -> prove(actionId, rows, note))
                    .orElseGet(() -> found(new Found.NotCosigned())));
  }

  private static Uni<Boolean> fits(Mutiny.StatelessSession session, ActionId actionId) {
    return session
        .createNativeQuery(EXTENT, Object[].class)
        .setParameter("action", actionId.value())
        .setParameter("most", MOST_ENTRIES + 1)
        .getSingleResult()
        .map(row ->
            ((Number) row[0]).longValue() <= MOST_ENTRIES
                && ((Number) row[1]).longValue() <= MOST_BYTES);
  }

  private static Uni<List<LoggedRow>> rows(Mutiny.StatelessSession session, ActionId actionId) {
    return session
        .createQuery(ROWS, Object[].class)
        .setParameter("action", actionId.value())
        .getResultList()
        .map(rows -> rows.stream().map(LoggedRow::of).toList());
  }

  private Uni<Found> prove(ActionId actionId, List<LoggedRow> rows, Note checkpoint) {
    long size = Checkpoint.read(checkpoint.text()).size();
    Set<Row> needed = new LinkedHashSet<>();
    for (LoggedRow row : rows) {
      Proofs.inclusion(row.index(), size).forEach(span -> needed.addAll(span.rows()));
    }
    return tree.read(needed)
        .chain(hashes ->
            // Thousands of hashes: not on the event loop.
            vertx.executeBlocking(
                () -> files.file(actionId, rows, checkpoint, index -> proof(index, size, hashes)),
                false))
        .map(file -> (Found) new Found.Whole(file))
        .onFailure(IOException.class)
        .invoke(failure -> LOG.warnf("No evidence without keys cause=%s", failure.toString()))
        .onFailure(IOException.class)
        .recoverWithItem(_ -> new Found.WithoutKeys());
  }

  private static List<Hash> proof(long index, long size, Map<Row, List<Hash>> hashes) {
    return Proofs.inclusion(index, size).stream()
        .map((Span span) -> span.hash(Row.Hashes.of(hashes)))
        .toList();
  }
}
