package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Looks for tickets, pending or answered, on behalf of a person. Of what they may not read they
/// find by its id or short code the card, and by nothing else: otherwise looking would be asking.
@ApplicationScoped
public class SearchTickets {

  /// How many tickets a page shows.
  public static final int PAGE = 25;

  /// @param next where the next page begins; absent on the last one
  public record Found(List<Docket> dockets, Archive.@Nullable Cursor next) {
    public Found {
      dockets = List.copyOf(dockets);
    }
  }

  private final Mutiny.SessionFactory sessions;
  private final Tickets tickets;
  private final Archive archive;
  private final Roster roster;
  private final FindTickets find;

  @Inject
  SearchTickets(
      Mutiny.SessionFactory sessions,
      Tickets tickets,
      Archive archive,
      Roster roster,
      FindTickets find) {
    this.sessions = sessions;
    this.tickets = tickets;
    this.archive = archive;
    this.roster = roster;
    this.find = find;
  }

  public Uni<Found> search(String approver, Archive.Wanted wanted) {
    Optional<ActionId> id = id(wanted.words());
    return sessions.withStatelessSession(session ->
        id.isPresent()
            ? tickets
                .find(session, id.get())
                .map(docket -> new Found(docket.stream().toList(), null))
            : tickets
                .now(session)
                .chain(now ->
                    archive.search(
                        session, approver, roster.groups(approver, now), wanted, PAGE + 1))
                .map(dockets -> found(approver, wanted, dockets)));
  }

  private Found found(String approver, Archive.Wanted wanted, List<Docket> dockets) {
    List<Docket> page = dockets.subList(0, Math.min(PAGE, dockets.size()));
    return new Found(
        page.stream()
            .filter(each -> find.mayRead(each, approver) || hasCode(each, wanted.words()))
            .toList(),
        dockets.size() > PAGE ? cursor(page.getLast()) : null);
  }

  private static Archive.@Nullable Cursor cursor(Docket last) {
    return last.question() == null
        ? null
        : new Archive.Cursor(last.question().openedAt(), last.actionId());
  }

  private static boolean hasCode(Docket docket, @Nullable String words) {
    return docket.question() != null
        && words != null
        && words.strip().equalsIgnoreCase(docket.question().card().shortCode());
  }

  private static Optional<ActionId> id(@Nullable String words) {
    try {
      return words == null ? Optional.empty() : Optional.of(ActionId.of(words.strip()));
    } catch (IllegalArgumentException e) {
      // Any other word is looked for.
      return Optional.empty();
    }
  }
}
