package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Execution;
import dev.countersign.ticket.domain.Comparison;
import dev.countersign.ticket.domain.Question;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Gathers what helps to judge a question, besides the question.
@ApplicationScoped
public class ReadTicket {

  private static final int RUN = 5;

  /// A ticket and what there is to hold it against.
  ///
  /// @param alike values that people approved for this tool, by those of the question's values that
  ///   only look like them
  /// @param run what else its run did, the last one first; one more than is shown where there is
  ///   more
  /// @param ended how it ended, and what is shown of its run, as far as that is known
  public record Dossier(
      Docket docket,
      Question question,
      Comparison comparison,
      Map<String, String> alike,
      List<Archive.Entry> run,
      List<Archive.Look> looks,
      Map<ActionId, Execution> ended) {

    public Dossier {
      alike = Map.copyOf(alike);
      run = List.copyOf(run);
      looks = List.copyOf(looks);
      ended = Map.copyOf(ended);
    }

    /// How it ended; absent until that is known.
    public @Nullable Execution execution() {
      return ended.get(docket.actionId());
    }

    /// What of the run is shown.
    public List<Archive.Entry> shownOfRun() {
      return run.subList(0, Math.min(RUN, run.size()));
    }

    /// Whether the run did more than is shown.
    public boolean hasMoreOfRun() {
      return run.size() > RUN;
    }
  }

  private final Mutiny.SessionFactory sessions;
  private final Archive archive;
  private final Executions executions;

  @Inject
  ReadTicket(Mutiny.SessionFactory sessions, Archive archive, Executions executions) {
    this.sessions = sessions;
    this.archive = archive;
    this.executions = executions;
  }

  /// Held against what was approved before it was: a ticket that is answered shows what its
  /// approvers saw.
  public Uni<Dossier> read(Docket docket, Question question) {
    Instant before = docket.decidedAt() == null ? docket.now() : docket.decidedAt();
    return sessions.withStatelessSession(session ->
        archive
            .approved(session, docket.actionId(), question, before)
            .chain(approved ->
                archive
                    .run(session, docket.actionId(), question, RUN + 1)
                    .chain(run ->
                        archive
                            .looks(session, docket.actionId())
                            .chain(looks ->
                                executions
                                    .find(session, withRun(docket, run))
                                    .map(ended ->
                                        new Dossier(
                                            docket,
                                            question,
                                            Comparison.of(question.prompt(), approved.precedents()),
                                            approved.alike(),
                                            run,
                                            looks,
                                            ended))))));
  }

  private static Set<ActionId> withRun(Docket docket, List<Archive.Entry> run) {
    return Stream.concat(Stream.of(docket), run.stream().map(Archive.Entry::docket))
        .map(Docket::actionId)
        .collect(Collectors.toSet());
  }
}
