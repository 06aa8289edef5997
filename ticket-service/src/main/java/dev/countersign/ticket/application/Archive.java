package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Tool;
import dev.countersign.ticket.domain.Precedents;
import dev.countersign.ticket.domain.Question;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// What else is on file: what a question can be held against, what its run did besides, who looked,
/// and whatever somebody looks for.
public interface Archive {

  /// What people approved before, as far as it bears on a question.
  ///
  /// @param alike values that people approved for this tool, by those of the question's values that
  ///   look like them and are others
  record Approved(Precedents precedents, Map<String, String> alike) {
    public Approved {
      alike = Map.copyOf(alike);
    }
  }

  /// Another action of a run, whether people were asked about it or not.
  record Entry(Docket docket, Instant openedAt, Tool tool) {}

  /// Somebody's first look at a ticket.
  record Look(String approver, Instant at) {}

  /// What a person looks for; what is absent does not matter.
  ///
  /// @param words an action id or short code, or a part of the name of an agent, run or tool
  record Wanted(
      @Nullable String words,
      @Nullable Standing standing,
      @Nullable Instant since,
      @Nullable Instant until,
      @Nullable Cursor after) {}

  /// Where a page ended: what opened earlier comes next.
  record Cursor(Instant openedAt, ActionId actionId) {}

  /// Remembers the values of tickets that people have just approved.
  Uni<Void> remember(Mutiny.StatelessSession session, List<Tickets.Decided> decided);

  /// What people approved of this tool before then, this action left out.
  Uni<Approved> approved(
      Mutiny.StatelessSession session, ActionId id, Question question, Instant before);

  /// The other actions of the same run, the last one first; none where the agent named no run.
  Uni<List<Entry>> run(Mutiny.StatelessSession session, ActionId id, Question question, int atMost);

  /// Who has looked, in the order in which they did.
  Uni<List<Look>> looks(Mutiny.StatelessSession session, ActionId id);

  /// Tickets that people were asked about, the last one first, of those that ask one of these
  /// groups or that this person answered; by its id or short code any of them.
  Uni<List<Docket>> search(
      Mutiny.StatelessSession session,
      String approver,
      Set<String> groups,
      Wanted wanted,
      int atMost);
}
