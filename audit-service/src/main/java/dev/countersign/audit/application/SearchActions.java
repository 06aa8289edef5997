package dev.countersign.audit.application;

import dev.countersign.audit.domain.Outcome;
import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds actions by what the log holds of them, the newest first.
public interface SearchActions {

  /// How many there are on a page.
  int PAGE = 25;

  /// What is looked for: all of it must hold.
  ///
  /// @param agent by `Names.key`
  /// @param person by `Names.key`: approver, requester, owner of the agent, or who did something
  /// @param tool `toolset/tool`, a tool, or a toolset
  /// @param since of its first entry
  /// @param until of its first entry, itself excluded
  /// @param after the place of the first entry of the last one that was listed
  record Wanted(
      @Nullable ActionId actionId,
      @Nullable String agent,
      @Nullable String person,
      @Nullable String tool,
      @Nullable Instant since,
      @Nullable Instant until,
      @Nullable Outcome outcome,
      @Nullable Long after) {}

  /// An action.
  ///
  /// @param at when its first entry was appended
  /// @param topic of its first entry
  /// @param people by `Names.key`, those by whom it is found
  /// @param erased how many of its entries have no content any more
  record Listed(
      ActionId actionId,
      Instant at,
      String topic,
      @Nullable String agent,
      @Nullable String toolset,
      @Nullable String tool,
      Optional<Outcome> outcome,
      List<String> people,
      long entries,
      long erased) {}

  /// A page, and what to ask for the next one with; absent on the last.
  record Page(List<Listed> actions, @Nullable Long next) {}

  Uni<Page> search(Wanted wanted);
}
