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
import dev.countersign.verifier.EvidenceFile;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// An action's evidence from the log's tables: three statements, whatever the log's size.
@ApplicationScoped
class PostgresEvidence implements FindEvidence {

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
  public Uni<Optional<EvidenceFile>> find(ActionId actionId) {
    return sessions
        .in(session -> rows(session, actionId))
        .chain(rows ->
            rows.isEmpty()
                ? Uni.createFrom().item(Optional.empty())
                : checkpoints
                    .covering(rows.getLast().index())
                    .chain(checkpoint -> prove(actionId, rows, checkpoint))
                    .map(Optional::of));
  }

  private static Uni<List<LoggedRow>> rows(Mutiny.StatelessSession session, ActionId actionId) {
    return session
        .createQuery(ROWS, Object[].class)
        .setParameter("action", actionId.value())
        .getResultList()
        .map(rows -> rows.stream().map(LoggedRow::of).toList());
  }

  private Uni<EvidenceFile> prove(ActionId actionId, List<LoggedRow> rows, Note checkpoint) {
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
                false));
  }

  private static List<Hash> proof(long index, long size, Map<Row, List<Hash>> hashes) {
    return Proofs.inclusion(index, size).stream()
        .map((Span span) -> span.hash(Row.Hashes.of(hashes)))
        .toList();
  }
}
