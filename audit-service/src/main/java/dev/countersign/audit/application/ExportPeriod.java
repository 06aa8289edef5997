package dev.countersign.audit.application;

import dev.countersign.audit.domain.Period;
import dev.countersign.events.ActionId;
import dev.countersign.tlog.Note;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes a period's entries out, page by page: memory holds one page, however long the period.
@ApplicationScoped
public class ExportPeriod {

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int MOST_CALLERS = 10_000;

  private final ReadPeriod log;
  private final NewestCheckpoint checkpoints;
  private final Tree tree;
  private final Integrity integrity;
  private final LogKey key;

  @Inject
  ExportPeriod(
      ReadPeriod log, NewestCheckpoint checkpoints, Tree tree, Integrity integrity, LogKey key) {
    this.log = log;
    this.checkpoints = checkpoints;
    this.tree = tree;
    this.integrity = integrity;
    this.key = key;
  }

  /// What a period had when it was asked for, ready to be written.
  public interface Export {

    /// It blocks, as long as the other end takes to read it.
    void write(OutputStream out) throws IOException;
  }

  /// What the period has by now; empty where the witness has not signed for the last of it, which
  /// is waited for, for some seconds. It is known before anything is written: a file that has begun
  /// can't say any more that it has no end. Of a log that is broken, for which nobody signs any
  /// more, it ends with what the log itself signed last.
  public Optional<Export> begin(Period period, ExportFormat format) {
    Optional<ReadPeriod.Range> found = log.find(period).await().atMost(PATIENCE);
    Optional<Note> checkpoint =
        (found.isPresent() && format.hasCheckpoint()
                ? checkpoints.awaited(found.get().last())
                : checkpoints.find())
            .await()
            .atMost(PATIENCE);
    if (checkpoint.isEmpty() && integrity.finding().isPresent()) {
      checkpoint = tree.signed().await().atMost(PATIENCE);
    }
    if (found.isPresent() && format.hasCheckpoint() && checkpoint.isEmpty()) {
      return Optional.empty();
    }
    Note last = checkpoint.orElse(null);
    return Optional.of(out -> write(period, format, found, last, out));
  }

  private void write(
      Period period,
      ExportFormat format,
      Optional<ReadPeriod.Range> found,
      @Nullable Note checkpoint,
      OutputStream out)
      throws IOException {
    ExportLines lines =
        switch (format) {
          case JSONL -> new JsonLines();
          case CSV -> new CsvLines();
          case OCSF -> new OcsfLines(key.origin(), period);
        };
    out.write(lines.head());
    PeriodEnd end =
        found.isPresent()
            ? entries(period, found.get(), checkpoint, lines, out)
            : new PeriodEnd(period, 0, null, null, checkpoint);
    out.write(lines.end(end));
  }

  private PeriodEnd entries(
      Period period,
      ReadPeriod.Range range,
      @Nullable Note checkpoint,
      ExportLines lines,
      OutputStream out)
      throws IOException {
    Map<ActionId, Caller> callers = new HashMap<>();
    long entries = 0;
    long next = range.first();
    List<LoggedEntry> page = page(period, range, next);
    while (!page.isEmpty()) {
      if (!(lines instanceof JsonLines)) {
        requireAsLogged(page);
        learnCallers(callers, page);
      }
      for (LoggedEntry each : page) {
        out.write(lines.line(each, Gist.of(each, proposed(callers, each.actionId()))));
      }
      entries += page.size();
      next = page.getLast().index() + 1;
      page = page(period, range, next);
    }
    return new PeriodEnd(period, entries, range.first(), range.last(), checkpoint);
  }

  /// What can't be checked against the tree by whoever gets it is checked here; of the others they
  /// are to see what does not fit.
  private static void requireAsLogged(List<LoggedEntry> page) throws IOException {
    for (LoggedEntry each : page) {
      if (!each.isAsLogged()) {
        throw new IOException(
            "entry %d is not what its leaf says: it was changed in the database; export jsonl to see it, and verify the log"
                .formatted(each.index()));
      }
    }
  }

  private List<LoggedEntry> page(Period period, ReadPeriod.Range range, long from) {
    return from > range.last() ? List.of() : log.page(period, range, from).await().atMost(PATIENCE);
  }

  /// Whose actions a page's entries are about: one question for all that are not known yet.
  private void learnCallers(Map<ActionId, Caller> callers, List<LoggedEntry> page) {
    if (callers.size() > MOST_CALLERS) {
      callers.clear();
    }
    Set<ActionId> unknown = new HashSet<>();
    for (LoggedEntry each : page) {
      if (each.actionId() != null && !callers.containsKey(each.actionId())) {
        unknown.add(each.actionId());
      }
    }
    if (unknown.isEmpty()) {
      return;
    }
    Map<ActionId, byte[]> proposals = log.proposals(unknown).await().atMost(PATIENCE);
    unknown.forEach(id -> callers.put(id, Caller.of(proposals.get(id))));
  }

  private static Caller proposed(Map<ActionId, Caller> callers, @Nullable ActionId id) {
    return id == null ? Caller.UNKNOWN : callers.getOrDefault(id, Caller.UNKNOWN);
  }
}
