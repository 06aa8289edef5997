package dev.countersign.ticket.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Digest;
import dev.countersign.ticket.application.CastVote;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.ReadTicket;
import dev.countersign.ticket.application.ReviewSet;
import dev.countersign.ticket.application.Sets;
import dev.countersign.ticket.application.SignIn;
import dev.countersign.ticket.domain.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Lays a set out for its page, and reads the form by which it is answered.
@ApplicationScoped
class SetView {

  private static final String VERSION = "version.";
  private static final String SHOWN = "shown.";
  private static final String REJECT = "reject";

  // What was answered, what waits now, and the ticket itself, each id with a comma: with it an
  // address still fits into Vert.x's 4,096 bytes of a request's first line.
  private static final int LONGEST_ALSO = (2 * Sets.MOST + 1) * 37;

  private final TicketView tickets;
  private final BrakesView brakes;
  private final Refusals refusals;
  private final Pages pages;

  @Inject
  SetView(TicketView tickets, BrakesView brakes, Refusals refusals, Pages pages) {
    this.tickets = tickets;
    this.brakes = brakes;
    this.refusals = refusals;
    this.pages = pages;
  }

  /// What a ticket's page says of the set that it belongs to.
  record Part(String path, String words, String link) {}

  /// What came of an answer that was not taken, or not for each of them.
  ///
  /// @param filled what they had filled in, by ticket
  /// @param rejected those that they had marked
  /// @param refused why an answer was not taken
  record Given(
      Map<ActionId, Filled> filled,
      Set<ActionId> rejected,
      @Nullable String reason,
      Map<ActionId, String> refused) {

    /// Where nobody has answered yet.
    static final Given NOTHING = new Given(Map.of(), Set.of(), null, Map.of());

    Given {
      filled = Map.copyOf(filled);
      rejected = Set.copyOf(rejected);
      refused = Map.copyOf(refused);
    }
  }

  /// One question of the set. `asks` is whether this person's answer is waited for, `needsPasskey`
  /// whether their session alone cannot approve it, `rejected` whether they had marked it,
  /// `refused` why their last answer was not taken.
  record Member(
      TicketView.Page ticket,
      String place,
      boolean asks,
      boolean needsPasskey,
      boolean rejected,
      @Nullable String refused) {}

  /// The page of a set.
  ///
  /// @param self its own address, with all that is shown now
  /// @param shown what is shown now, as `also` has it
  /// @param more what came in since and is left out; absent where nothing did
  /// @param whole where that is shown too
  /// @param changes where to ask for news of it
  /// @param says what to say to those who have it open when it changes
  record Page(
      String path,
      String self,
      String shown,
      @Nullable String more,
      String whole,
      String changes,
      String says,
      @Nullable String held,
      String heading,
      String lead,
      String standing,
      boolean incomplete,
      @Nullable String elsewhere,
      List<TicketView.Said> requester,
      List<Member> members,
      int waiting) {

    boolean needsPasskey() {
      return members.stream().anyMatch(each -> each.asks() && each.needsPasskey());
    }
  }

  static String path(ActionId id) {
    return "/tickets/" + id + "/set";
  }

  /// The page of this set as it is shown after an answer: with all that was answered.
  static String path(ActionId id, ReviewSet set) {
    return switch (set.kind()) {
      case BATCH -> path(id);
      case ALIKE -> path(id) + "?also=" + ids(set);
    };
  }

  /// Where the page of this set asks for news of it.
  private static String changes(ActionId id, ReviewSet set) {
    String one = "/changes?set=" + id;
    return switch (set.kind()) {
      case BATCH -> one;
      case ALIKE -> one + "&also=" + ids(set);
    };
  }

  private static String ids(ReviewSet set) {
    return set.members().stream()
        .map(each -> each.actionId().toString())
        .collect(Collectors.joining(","));
  }

  /// What `also` names; nothing where no page of ours wrote it.
  static Set<ActionId> also(@Nullable String ids) {
    if (ids == null || ids.length() > LONGEST_ALSO) {
      return Set.of();
    }
    try {
      return Arrays.stream(ids.split(",")).map(ActionId::of).collect(Collectors.toSet());
    } catch (IllegalArgumentException e) {
      // An id that no page of ours wrote.
      return Set.of();
    }
  }

  /// What leads from a ticket's page to its set; absent where there is nothing else to see.
  @Nullable Part part(Docket docket, Optional<ReviewSet> set) {
    return set.map(it -> part(path(docket.actionId()), it)).orElse(null);
  }

  private Part part(String path, ReviewSet set) {
    return switch (set.kind()) {
      case BATCH -> new Part(path, words().partOf(set.announced()), words().review());
      case ALIKE -> new Part(path, words().alikePart(set.announced()), words().reviewAlike());
    };
  }

  /// @param more how many came in that are left out
  Page page(
      ActionId id,
      ReviewSet set,
      int more,
      List<ReadTicket.Dossier> dossiers,
      SignIn.Signed signed,
      Given given) {
    List<Member> members = new ArrayList<>();
    int waiting = 0;
    for (ReadTicket.Dossier each : dossiers) {
      ActionId member = each.docket().actionId();
      TicketView.Page ticket =
          tickets.page(
              each, signed.approver(), given.filled().getOrDefault(member, Filled.NOTHING));
      boolean asks = ticket.open() && ticket.mayAnswer() && !ticket.voted();
      waiting += asks ? 1 : 0;
      members.add(
          new Member(
              ticket,
              words().member(members.size() + 1, dossiers.size()),
              asks,
              !signed.began().assurance().satisfies(each.question().requirement().assurance()),
              given.rejected().contains(member),
              given.refused().get(member)));
    }
    int elsewhere = set.arrived() - members.size() - more;
    String come = more == 0 ? null : words().more(more);
    String changed = words().changed(waiting);
    return new Page(
        path(id),
        path(id) + "?also=" + ids(set),
        ids(set),
        come,
        path(id, set),
        changes(id, set),
        come == null ? changed : changed + " " + come,
        dossiers.isEmpty() ? null : brakes.held(dossiers.getFirst().docket(), signed.approver()),
        heading(set),
        lead(set),
        standing(set),
        set.missing() > 0 || set.arrived() > set.announced(),
        elsewhere > 0 ? words().elsewhere(elsewhere) : null,
        // One agent, run and principal: that is what makes it a set.
        members.isEmpty() ? List.of() : members.getFirst().ticket().requester(),
        members,
        waiting);
  }

  private String heading(ReviewSet set) {
    return switch (set.kind()) {
      case BATCH -> words().heading(set.announced());
      case ALIKE -> words().alikeHeading(set.announced());
    };
  }

  private String lead(ReviewSet set) {
    return switch (set.kind()) {
      case BATCH -> words().lead();
      case ALIKE -> words().alikeLead();
    };
  }

  private String standing(ReviewSet set) {
    if (set.kind() == ReviewSet.Kind.ALIKE) {
      return words().alikeStanding(set.announced());
    }
    if (set.missing() > 0) {
      return words().incomplete(set.arrived(), set.announced(), set.missing());
    }
    return set.arrived() > set.announced()
        ? words().tooMany(set.arrived(), set.announced())
        : words().complete(set.announced());
  }

  private SetWords words() {
    return pages.words(SetWords.class);
  }

  /// One ballot for each question of the form; empty where the form is none that a page of ours
  /// wrote.
  static Map<ActionId, CastVote.Ballot> ballots(
      SignIn.Signed signed, MultivaluedMap<String, String> form) {
    String said = form.getFirst("answer");
    boolean approve = "approve".equals(said);
    if (!approve && !"reject".equals(said)) {
      return Map.of();
    }
    Set<String> rejected = Set.copyOf(form.getOrDefault(REJECT, List.of()));
    Map<ActionId, CastVote.Ballot> ballots = new HashMap<>();
    try {
      for (String name : form.keySet()) {
        if (name.startsWith(VERSION)) {
          String id = name.substring(VERSION.length());
          ballots.put(
              ActionId.of(id),
              new CastVote.Ballot(
                  signed.approver(),
                  signed.began().assurance(),
                  approve && !rejected.contains(id) ? Answer.APPROVE : Answer.REJECT,
                  Integer.parseInt(form.getFirst(name)),
                  new Digest(String.valueOf(form.getFirst(SHOWN + id))),
                  typed(form, id),
                  BallotForm.reason(form.getFirst("reason")),
                  null,
                  signed.passkey(),
                  null));
        }
      }
    } catch (IllegalArgumentException e) {
      // An id, number or digest that no page of ours wrote.
      return Map.of();
    }
    return ballots;
  }

  /// What the page of this form showed: what it answers, and what waited for nobody's answer.
  static Set<ActionId> shown(
      Map<ActionId, CastVote.Ballot> ballots, MultivaluedMap<String, String> form) {
    Set<ActionId> shown = new HashSet<>(ballots.keySet());
    shown.addAll(also(form.getFirst("also")));
    return shown;
  }

  /// What was filled in and marked, and what came of it: the votes that were refused.
  Given given(
      Map<ActionId, CastVote.Ballot> ballots,
      MultivaluedMap<String, String> form,
      Map<ActionId, Refusal> because) {
    Set<String> rejected = Set.copyOf(form.getOrDefault(REJECT, List.of()));
    Map<ActionId, Filled> filled = new HashMap<>();
    Map<ActionId, String> refused = new HashMap<>();
    ballots.forEach((id, ballot) -> {
      Refusal refusal = because.get(id);
      filled.put(id, refusal == null ? Filled.of(ballot) : Filled.of(ballot, refusal));
      if (refusal != null) {
        refused.put(id, refusals.sentence(refusal));
      }
    });
    return new Given(
        filled,
        ballots.keySet().stream()
            .filter(id -> rejected.contains(id.toString()))
            .collect(Collectors.toSet()),
        BallotForm.reason(form.getFirst("reason")),
        refused);
  }

  private static Map<Integer, String> typed(MultivaluedMap<String, String> form, String id) {
    Map<Integer, String> typed = new HashMap<>();
    form.forEach((name, values) -> {
      if (name.startsWith(BallotForm.TYPED) && name.endsWith("." + id)) {
        String position =
            name.substring(BallotForm.TYPED.length(), name.length() - id.length() - 1);
        typed.put(Integer.valueOf(position), values.getFirst());
      }
    });
    return typed;
  }
}
