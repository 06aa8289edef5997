package dev.countersign.gateway.application;

import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.Status;
import dev.countersign.messaging.Failures;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Finds actions again, the newest first, for who has lost their ids: an agent that was started
/// anew asks by its session. Pages go by the order in which actions became known here, so that what
/// comes in meanwhile moves nothing from one page to another.
@ApplicationScoped
public class ListActions {

  /// How many rows are read to find some of a status, which no row says and [Progress] tells.
  private static final int MOST_READ = 500;

  /// What to find; null is any.
  ///
  /// @param before where the page before this one ended
  /// @param limit how many at most, from 1
  public record Wanted(
      @Nullable String agent,
      @Nullable String session,
      @Nullable Status status,
      @Nullable Long before,
      int limit) {}

  /// @param next from where to go on; null at the end. A page may be empty and still have one
  public record Page(List<Progress> actions, @Nullable Long next) {}

  private final Mutiny.SessionFactory sessions;
  private final Actions actions;

  @Inject
  ListActions(Mutiny.SessionFactory sessions, Actions actions) {
    this.sessions = sessions;
    this.actions = actions;
  }

  public Uni<Page> list(Caller caller, Wanted wanted) {
    return switch (caller) {
      case Caller.Anonymous _ ->
          read(
              caller,
              new Actions.Range(wanted.agent(), null, wanted.session(), wanted.before()),
              wanted);
      case Caller.Known it when wanted.agent() == null || wanted.agent().equals(it.id()) ->
          read(
              caller,
              new Actions.Range(it.id(), it.platform(), wanted.session(), wanted.before()),
              wanted);
      // Another agent's are none of the caller's, however many there are.
      case Caller.Known _ -> Uni.createFrom().item(new Page(List.of(), null));
    };
  }

  private Uni<Page> read(Caller caller, Actions.Range range, Wanted wanted) {
    int rows = wanted.status() == null ? wanted.limit() : MOST_READ;
    return sessions
        .withStatelessSession(session -> actions.list(session, range, rows))
        .onFailure(Failures::isAway)
        .transform(it -> new Unavailable("the actions could not be read", it))
        .map(found -> page(found, caller, wanted));
  }

  private static Page page(Actions.Listing found, Caller caller, Wanted wanted) {
    List<Progress> page = new ArrayList<>();
    Long last = null;
    for (Actions.Listed each : found.actions()) {
      last = each.number();
      if (caller.maySee(each.progress().origin())
          && (wanted.status() == null || each.progress().status() == wanted.status())) {
        page.add(each.progress());
        if (page.size() == wanted.limit()) {
          // Whether there is another behind it, the next page tells.
          return new Page(page, last);
        }
      }
    }
    return new Page(page, found.more() ? last : null);
  }
}
