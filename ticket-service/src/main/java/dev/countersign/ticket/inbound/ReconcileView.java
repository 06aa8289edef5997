package dev.countersign.ticket.inbound;

import dev.countersign.events.Execution;
import dev.countersign.events.Oversight;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.Findings;
import dev.countersign.ticket.application.Lookalikes;
import dev.countersign.ticket.application.ReconcileExecution;
import dev.countersign.ticket.application.ReconcileExecution.Reconciled;
import dev.countersign.ticket.application.Roster;
import io.quarkus.qute.RawString;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lays out the outcomes that nobody knows, and what people found.
@ApplicationScoped
class ReconcileView {

  private final Roster roster;
  private final RequestView request;
  private final Pages pages;

  @Inject
  ReconcileView(Roster roster, RequestView request, Pages pages) {
    this.roster = roster;
    this.request = request;
    this.pages = pages;
  }

  record Line(String what, RawString words, String by, boolean correction) {}

  /// What stands on the page of one.
  ///
  /// @param after how much there was to read when they read it
  /// @param hint what to make of what was said of it later; null where nothing is to be made of it
  /// @param instead why the reader gets no form; null where they do
  record Shown(
      String id, List<Line> found, int after, @Nullable String hint, @Nullable String instead) {}

  /// An action that the policy allowed by itself: all there is to see of it.
  ///
  /// @param parameters null of those from before they were kept
  /// @param follows whether there is more to come, and the page stays open for it
  /// @param says what to say to those who have it open when it changes
  record Unasked(
      RawString tool,
      @Nullable RawString parameters,
      String action,
      String actionDigest,
      List<TicketView.Said> requester,
      TicketView.Ended ended,
      List<TicketView.Ended> late,
      String mark,
      boolean follows,
      String says,
      Shown shown) {}

  /// One in the list of those that nobody has looked into.
  record Open(
      String ticket, RawString tool, RawString agent, RawString why, String at, boolean may) {}

  Shown shown(ReconcileExecution.Case it, String approver) {
    ReconcileWords words = words();
    Moments moments = pages.moments(approver);
    List<Line> lines = new ArrayList<>();
    for (Findings.Found each : it.found()) {
      lines.add(
          new Line(
              what(each.finding(), words),
              Visible.lines(each.words()),
              words.by(roster.name(each.by()), moments.at(each.at())),
              !lines.isEmpty()));
    }
    return new Shown(
        it.unknown().actionId().toString(),
        lines,
        it.read(),
        hint(it, words),
        instead(it.may(), words));
  }

  /// What came after the wait was over is no contradiction to that nobody knew.
  private static @Nullable String hint(ReconcileExecution.Case it, ReconcileWords words) {
    if (it.late().isEmpty() || !it.unknown().open()) {
      return null;
    }
    return it.found().isEmpty() && it.unknown().execution().status() == Execution.Status.UNKNOWN
        ? words.hintLater()
        : words.hintOtherwise();
  }

  /// What people go by, once one of them has looked.
  static String lookedInto(Oversight.Finding found, ReconcileWords words) {
    return words.lookedInto(what(found, words));
  }

  static String what(Oversight.Finding finding, ReconcileWords words) {
    return switch (finding) {
      case TOOK_EFFECT -> words.tookEffect();
      case NO_EFFECT -> words.noEffect();
    };
  }

  /// Why it is not taken; null where it is.
  static @Nullable String instead(Reconciled reconciled, ReconcileWords words) {
    return switch (reconciled) {
      case TAKEN -> null;
      case NOT_UNKNOWN -> words.known();
      case NOT_YOURS -> words.notYours();
      case OWN_REQUEST -> words.ownRequest();
      case TOO_WEAK -> words.tooWeak();
      case NEEDS_PASSKEY -> words.needsPasskey();
      case STALE -> words.stale();
    };
  }

  Unasked unasked(Docket docket, ReconcileExecution.Case it, String approver) {
    Visible visible = pages.visible(Lookalikes.of(List.of()));
    Moments moments = pages.moments(approver);
    ExecutionView ended =
        ExecutionView.of(it.unknown().execution(), pages.words(DecideWords.class), visible);
    boolean looked = !it.found().isEmpty() && !it.unknown().open();
    String what = looked ? lookedInto(it.found().getLast().finding(), words()) : ended.what();
    return new Unasked(
        Visible.line(it.unknown().tool().toString()),
        it.unknown().parameters() == null
            ? null
            : visible.many(TicketView.pretty(it.unknown().parameters())),
        it.unknown().actionId().toString(),
        it.unknown().execution().actionDigest().value(),
        request.requester(it.unknown().agent(), visible),
        new TicketView.Ended(
            what, looked ? null : ended.detail(), !looked && ended.bad(), moments.at(ended.when())),
        it.late().stream()
            .map(each -> {
              ExecutionView late = ExecutionView.of(each, pages.words(DecideWords.class), visible);
              return new TicketView.Ended(
                  late.what(), late.detail(), false, moments.at(late.when()));
            })
            .toList(),
        TicketView.mark(docket, true, it.found().size(), it.late().size()),
        it.unknown().open(),
        what + ".",
        shown(it, approver));
  }

  List<Open> open(List<ReconcileExecution.Open> open, String approver) {
    Moments moments = pages.moments(approver);
    Visible visible = pages.visible(Lookalikes.of(List.of()));
    return open.stream()
        .map(each -> {
          ExecutionView ended =
              ExecutionView.of(each.unknown().execution(), pages.words(DecideWords.class), visible);
          return new Open(
              each.unknown().actionId().toString(),
              Visible.line(each.unknown().tool().toString()),
              Visible.line(each.unknown().agent().id()),
              Visible.line(
                  each.unknown().execution().reason() == null
                      ? ended.what()
                      : each.unknown().execution().reason().text()),
              words().ended(moments.at(ended.when())),
              each.mayReconcile());
        })
        .toList();
  }

  private ReconcileWords words() {
    return pages.words(ReconcileWords.class);
  }
}
