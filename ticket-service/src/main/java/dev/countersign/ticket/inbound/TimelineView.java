package dev.countersign.ticket.inbound;

import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Execution;
import dev.countersign.events.LateOutcome;
import dev.countersign.events.Oversight;
import dev.countersign.ticket.application.Archive;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.Findings;
import dev.countersign.ticket.application.ReadTicket;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Vote;
import io.quarkus.qute.RawString;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lays out what happened to a ticket, and what else its run did.
@ApplicationScoped
class TimelineView {

  private final Roster roster;
  private final FindTickets find;
  private final Standings standings;
  private final Pages pages;

  @Inject
  TimelineView(Roster roster, FindTickets find, Standings standings, Pages pages) {
    this.roster = roster;
    this.find = find;
    this.standings = standings;
    this.pages = pages;
  }

  /// @param detail what came with it from outside
  record Event(String at, String what, @Nullable RawString detail) {}

  /// Another action of the run: its title for those who may read it, its tool for the others.
  record Step(String id, RawString what, String standing, String at) {}

  private record Moment(Instant at, String what, @Nullable RawString detail) {

    Moment(Instant at, String what) {
      this(at, what, null);
    }
  }

  List<Event> history(ReadTicket.Dossier dossier, Visible visible, Moments moments) {
    DecideWords words = pages.words(DecideWords.class);
    Docket docket = dossier.docket();
    List<Moment> all = new ArrayList<>();
    all.add(new Moment(dossier.question().openedAt(), words.opened()));
    for (Archive.Look each : dossier.looks()) {
      all.add(new Moment(each.at(), words.looked(roster.name(each.approver()))));
    }
    for (Vote each : docket.votes()) {
      all.add(new Moment(each.at(), vote(each)));
      if (each.lapsedAt() != null) {
        all.add(new Moment(each.lapsedAt(), words.voteLapsed(roster.name(each.approver()))));
      }
    }
    if (docket.decidedAt() != null && docket.standing() != Standing.PENDING) {
      all.add(new Moment(docket.decidedAt(), standings.of(docket.standing())));
    }
    Execution execution = dossier.execution();
    if (execution != null) {
      ExecutionView ended =
          dossier.finding().isPresent()
              ? ExecutionView.before(execution, words, visible)
              : ExecutionView.of(execution, words, visible);
      all.add(new Moment(ended.when(), ended.what(), ended.detail()));
    }
    for (LateOutcome each : dossier.late()) {
      ExecutionView late = ExecutionView.of(each, words, visible);
      all.add(new Moment(late.when(), late.what(), late.detail()));
    }
    ReconcileWords reconcile = pages.words(ReconcileWords.class);
    for (Findings.Found each : dossier.found()) {
      all.add(
          new Moment(
              each.at(),
              reconcile.looked(
                  roster.name(each.by()), ReconcileView.what(each.finding(), reconcile)),
              Visible.lines(": " + each.words())));
    }
    return all.stream()
        .sorted(Comparator.comparing(Moment::at))
        .map(each -> new Event(moments.at(each.at()), each.what(), each.detail()))
        .toList();
  }

  private String vote(Vote vote) {
    DecideWords words = pages.words(DecideWords.class);
    String name = roster.name(vote.approver());
    String how = how(vote.assurance());
    return vote.answer() == Answer.APPROVE ? words.votedYes(name, how) : words.votedNo(name, how);
  }

  /// How somebody proved who they are.
  String how(Assurance assurance) {
    DecideWords words = pages.words(DecideWords.class);
    return switch (assurance) {
      case SIGNED_IN -> words.bySession();
      case CODE -> words.byCode();
      case CHANNEL -> words.byChannel();
      case PASSKEY -> words.byPasskey();
    };
  }

  List<Step> run(ReadTicket.Dossier dossier, String approver, Visible visible, Moments moments) {
    return dossier.shownOfRun().stream()
        .map(each ->
            new Step(
                each.docket().actionId().toString(),
                what(each, approver, visible),
                standing(each, dossier, approver),
                moments.at(each.openedAt())))
        .toList();
  }

  /// How it ended, and what was found, is for those who may read it; that it was approved,
  /// everybody may know.
  private String standing(Archive.Entry entry, ReadTicket.Dossier dossier, String approver) {
    Execution execution = dossier.ended().get(entry.docket().actionId());
    if (execution == null || !find.mayRead(entry.docket(), approver)) {
      return standings.of(entry.docket().standing());
    }
    Oversight.Finding found = dossier.lastFound().get(entry.docket().actionId());
    return found == null
        ? ExecutionView.what(execution, pages.words(DecideWords.class))
        : ReconcileView.lookedInto(found, pages.words(ReconcileWords.class));
  }

  private RawString what(Archive.Entry entry, String approver, Visible visible) {
    Question question = entry.docket().question();
    return question != null && find.mayRead(entry.docket(), approver)
        ? visible.cut(question.prompt().title(), TicketView.LONGEST_TITLE)
        : visible.cut(entry.tool().toString(), TicketView.LONGEST_TITLE);
  }
}
