package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.ticket.application.FollowPages.Followed;
import dev.countersign.ticket.application.FollowPages.Sight;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Reads how all that is followed stands: one statement for each kind of page, however many have it
/// open.
@ApplicationScoped
class ReadMarks {

  private final Mutiny.SessionFactory sessions;
  private final Watch watch;
  private final Roster roster;
  private final Budgets budgets;
  private final LiftHold holds;

  @Inject
  ReadMarks(
      Mutiny.SessionFactory sessions, Watch watch, Roster roster, Budgets budgets, LiftHold holds) {
    this.sessions = sessions;
    this.watch = watch;
    this.roster = roster;
    this.budgets = budgets;
    this.holds = holds;
  }

  /// How each of these stands; the mark of what is not on file is empty.
  Uni<Map<Followed, Sight>> now(Set<Followed> all) {
    return sessions.withStatelessSession(session ->
        watch
            .now(session)
            .chain(now ->
                marks(session, byKind(all, now), now)
                    .map(marks -> {
                      Map<Followed, Sight> sights = new HashMap<>();
                      all.forEach(
                          each -> sights.put(each, new Sight(marks.getOrDefault(each, ""), now)));
                      return sights;
                    })));
  }

  /// What is followed, by what names it to the database.
  private record ByKind(
      Map<ActionId, Followed> tickets,
      Map<Watch.SetOf, Followed> sets,
      Map<Watch.Reader, Followed> inboxes,
      Map<Watch.Reader, Followed> trusts,
      Map<Watch.Reader, Followed> attention,
      Map<Watch.Reader, Followed> passkeys) {}

  private ByKind byKind(Set<Followed> all, Instant now) {
    ByKind kinds =
        new ByKind(
            new HashMap<>(),
            new HashMap<>(),
            new HashMap<>(),
            new HashMap<>(),
            new HashMap<>(),
            new HashMap<>());
    for (Followed each : all) {
      switch (each) {
        case Followed.OneTicket it -> kinds.tickets.put(it.actionId(), it);
        case Followed.OneSet it -> kinds.sets.put(it.set(), it);
        case Followed.InboxOf it -> kinds.inboxes.put(reader(it.approver(), false, now), it);
        case Followed.TrustOf it ->
            kinds.trusts.put(reader(it.approver(), roster.isAdmin(it.approver()), now), it);
        case Followed.AttentionOf it ->
            kinds.attention.put(reader(it.approver(), budgets.seesAll(it.approver()), now), it);
        case Followed.PasskeysOf it ->
            kinds.passkeys.put(reader(it.approver(), roster.isAdmin(it.approver()), now), it);
      }
    }
    return kinds;
  }

  private Watch.Reader reader(String approver, boolean everything, Instant now) {
    return new Watch.Reader(approver, roster.groups(approver, now), everything);
  }

  /// One after the other: a session runs one statement at a time.
  private Uni<Map<Followed, String>> marks(
      Mutiny.StatelessSession session, ByKind kinds, Instant now) {
    Map<Followed, String> marks = new HashMap<>();
    return read(kinds.tickets, keys -> watch.tickets(session, keys), marks)
        .chain(() -> read(kinds.sets, keys -> watch.sets(session, keys), marks))
        .chain(() -> read(kinds.inboxes, keys -> watch.inboxes(session, keys), marks))
        .chain(() -> read(kinds.trusts, keys -> watch.trusts(session, keys), marks))
        .chain(() -> read(kinds.attention, keys -> attention(session, keys, now), marks))
        .chain(() -> read(kinds.passkeys, keys -> watch.passkeys(session, keys), marks))
        .replaceWith(marks);
  }

  /// Along with how much is asked, the holds and the unknown outcomes that their page lists.
  private Uni<Map<Watch.Reader, String>> attention(
      Mutiny.StatelessSession session, Set<Watch.Reader> readers, Instant now) {
    // What they see of how much is asked is not whose outcomes they may look into.
    Map<String, Watch.Reader> people =
        readers.stream()
            .map(Watch.Reader::approver)
            .collect(Collectors.toMap(it -> it, it -> reader(it, roster.isAdmin(it), now)));
    return watch
        .attention(session, readers)
        .chain(marks ->
            holds
                .find(session, people.keySet())
                .chain(held ->
                    watch
                        .unknown(session, people.values())
                        .map(unknown -> {
                          Map<Watch.Reader, String> all = new HashMap<>();
                          marks.forEach((reader, mark) ->
                              all.put(
                                  reader,
                                  mark
                                      + ids(held.get(reader.approver()))
                                      + unknown(unknown.get(people.get(reader.approver())))));
                          return all;
                        })));
  }

  private static String ids(@Nullable List<LiftHold.Held> held) {
    return held == null
        ? ""
        : held.stream().map(each -> "." + each.hold().id()).collect(Collectors.joining());
  }

  private static String unknown(@Nullable String mark) {
    return mark == null || mark.isEmpty() ? "" : "u" + mark;
  }

  private static <K> Uni<Void> read(
      Map<K, Followed> followed,
      Function<Set<K>, Uni<Map<K, String>>> look,
      Map<Followed, String> marks) {
    return followed.isEmpty()
        ? Uni.createFrom().voidItem()
        : look.apply(followed.keySet())
            .invoke(found ->
                found.forEach(
                    (key, mark) -> marks.put(Objects.requireNonNull(followed.get(key)), mark)))
            .replaceWithVoid();
  }
}
