package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Execution;
import dev.countersign.events.LateOutcome;
import dev.countersign.events.Oversight;
import dev.countersign.ticket.domain.Comparison;
import dev.countersign.ticket.domain.Question;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  /// @param comparison what is new about it; absent for a reader who is behind it: to judge it is
  ///   not theirs, and what others were approved is none of their business
  /// @param alike values that people approved for this tool, by those of the question's values that
  ///   only look like them; empty where there is no comparison
  /// @param run what else its run did, the last one first; one more than is shown where there is
  ///   more
  /// @param ended how it ended, and what is shown of its run, as far as that is known
  /// @param found what people found, where it was not certain how it had ended
  /// @param late what was said of how it ended after that answer stood
  /// @param lastFound what they found last, of it and of what is shown of its run
  /// @param open whether somebody must look now
  public record Dossier(
      Docket docket,
      Question question,
      @Nullable Comparison comparison,
      Map<String, String> alike,
      List<Archive.Entry> run,
      List<Archive.Look> looks,
      Map<ActionId, Execution> ended,
      List<Findings.Found> found,
      List<LateOutcome> late,
      Map<ActionId, Oversight.Finding> lastFound,
      boolean open) {

    public Dossier {
      alike = Map.copyOf(alike);
      run = List.copyOf(run);
      looks = List.copyOf(looks);
      ended = Map.copyOf(ended);
      found = List.copyOf(found);
      late = List.copyOf(late);
      lastFound = Map.copyOf(lastFound);
    }

    /// How it ended; absent until that is known.
    public @Nullable Execution execution() {
      return ended.get(docket.actionId());
    }

    /// What a person found; empty where nobody has looked, or somebody must look again.
    public Optional<Oversight.Finding> finding() {
      return open ? Optional.empty() : Optional.ofNullable(lastFound.get(docket.actionId()));
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
  private final Findings findings;
  private final LateOutcomes late;
  private final FindTickets find;

  @Inject
  ReadTicket(
      Mutiny.SessionFactory sessions,
      Archive archive,
      Executions executions,
      Findings findings,
      LateOutcomes late,
      FindTickets find) {
    this.sessions = sessions;
    this.archive = archive;
    this.executions = executions;
    this.findings = findings;
    this.late = late;
    this.find = find;
  }

  /// As this reader gets to see it.
  public Uni<Dossier> read(Docket docket, Question question, String reader) {
    return sessions.withStatelessSession(session ->
        held(session, docket, question, reader)
            .chain(held ->
                archive
                    .run(session, docket.actionId(), question, RUN + 1)
                    .chain(run ->
                        archive
                            .looks(session, docket.actionId())
                            .chain(looks ->
                                executions
                                    .find(session, withRun(docket, run))
                                    .chain(ended ->
                                        since(session, docket, ended)
                                            .map(since ->
                                                new Dossier(
                                                    docket,
                                                    question,
                                                    held.comparison(),
                                                    held.alike(),
                                                    run,
                                                    looks,
                                                    ended,
                                                    since.found(),
                                                    since.late(),
                                                    since.last(),
                                                    since.open())))))));
  }

  private record Since(
      List<Findings.Found> found,
      List<LateOutcome> late,
      Map<ActionId, Oversight.Finding> last,
      boolean open) {}

  private Uni<Since> since(
      Mutiny.StatelessSession session, Docket docket, Map<ActionId, Execution> ended) {
    if (ended.isEmpty()) {
      return Uni.createFrom().item(new Since(List.of(), List.of(), Map.of(), false));
    }
    ActionId id = docket.actionId();
    return findings
        .last(session, ended.keySet())
        .chain(last ->
            !ended.containsKey(id)
                ? Uni.createFrom().item(new Since(List.of(), List.of(), last, false))
                : findings
                    .of(session, id)
                    .chain(found ->
                        late.of(session, id)
                            .chain(said ->
                                findings
                                    .find(session, id)
                                    .map(it ->
                                        new Since(
                                            found,
                                            said,
                                            last,
                                            it.map(Findings.Unknown::open).orElse(false))))));
  }

  private record Held(@Nullable Comparison comparison, Map<String, String> alike) {}

  /// Held against what was approved before it was: a ticket that is answered shows what its
  /// approvers saw.
  private Uni<Held> held(
      Mutiny.StatelessSession session, Docket docket, Question question, String reader) {
    if (find.isBehind(docket, reader)) {
      return Uni.createFrom().item(new Held(null, Map.of()));
    }
    Instant before = docket.decidedAt() == null ? docket.now() : docket.decidedAt();
    return archive
        .approved(session, docket.actionId(), question, before)
        .map(
            approved -> new Held(Comparison.of(question, approved.precedents()), approved.alike()));
  }

  private static Set<ActionId> withRun(Docket docket, List<Archive.Entry> run) {
    return Stream.concat(Stream.of(docket), run.stream().map(Archive.Entry::docket))
        .map(Docket::actionId)
        .collect(Collectors.toSet());
  }
}
