package dev.countersign.ticket.inbound;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.events.Answer;
import dev.countersign.events.Execution;
import dev.countersign.events.Oversight;
import dev.countersign.events.Prompt;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.Lookalikes;
import dev.countersign.ticket.application.ReadTicket;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.domain.Comparison;
import dev.countersign.ticket.domain.Precedents;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Tally;
import dev.countersign.ticket.domain.TicketMachine;
import dev.countersign.ticket.domain.Vote;
import io.quarkus.qute.RawString;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Lays a docket out for the page. Every text that came from elsewhere goes through {@link
/// Visible}.
@ApplicationScoped
class TicketView {

  /// A heading of more characters would push the question off a phone's screen.
  static final int LONGEST_TITLE = 160;

  private static final int LONGEST_ACT = 48;
  private static final Duration SOON = Duration.ofMinutes(5);

  /// Reasons that say no more than how the ticket stands.
  private static final Set<String> PLAIN_REASONS =
      Set.of(TicketMachine.APPROVED, TicketMachine.EXPIRED);

  /// 4.82E7 is not what a reader takes for 48 million.
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .build();

  private final Roster roster;
  private final FindTickets find;
  private final Standings standings;
  private final TimelineView timeline;
  private final RequestView request;
  private final Pages pages;

  @Inject
  TicketView(
      Roster roster,
      FindTickets find,
      Standings standings,
      TimelineView timeline,
      RequestView request,
      Pages pages) {
    this.roster = roster;
    this.find = find;
    this.standings = standings;
    this.timeline = timeline;
    this.request = request;
    this.pages = pages;
  }

  /// A line of the prompt; `name` is its input's, where it must be typed, `typed` what was typed
  /// there and `wrong` whether that is something else; `alike` an approved value that it looks like
  /// and is not.
  record Line(
      RawString label,
      RawString value,
      boolean confirm,
      String name,
      String typed,
      boolean wrong,
      boolean isNew,
      @Nullable RawString alike) {}

  record Said(String label, RawString words) {}

  record Rule(RawString id, RawString says) {}

  /// `lapsed` says why it counts no more, where it does not.
  record Voted(String name, String answer, String how, String at, @Nullable String lapsed) {}

  /// What the page's clock runs from: milliseconds since 1970, by the database's clock.
  record Clock(long now, long until, String left, boolean soon) {}

  /// How the action ended, once that is known, or what was said of it later.
  record Ended(String what, @Nullable RawString detail, boolean bad, String at) {}

  /// What stands in one row of the inbox; `alike` tickets ask it, and `path` leads to where they
  /// are answered.
  record Row(
      String path,
      RawString title,
      RawString target,
      String left,
      String until,
      String code,
      int alike) {}

  /// The page of one ticket, for a person who is signed in.
  ///
  /// @param lacking the groups out of which votes are missing, where some are
  /// @param late what was said of how it ended after that answer stood
  /// @param undone whether it ended so that what the agent promised for that case matters now
  /// @param follows whether there is more to come, and the page stays open for it
  /// @param says what to say to those who have it open when it changes
  record Page(
      String id,
      RawString title,
      RawString act,
      @Nullable RawString wholeTitle,
      RawString target,
      RawString effect,
      String shortCode,
      List<RawString> risks,
      List<Line> fields,
      List<Said> rests,
      @Nullable ChangesView changes,
      List<Said> requester,
      List<TimelineView.Step> run,
      @Nullable String moreOfRun,
      List<Rule> rules,
      List<Said> agentSays,
      @Nullable RawString rollback,
      RawString parameters,
      RawString tool,
      String actionDigest,
      String policyVersion,
      String until,
      Clock clock,
      List<Voted> votes,
      List<TimelineView.Event> history,
      String progress,
      @Nullable RawString lacking,
      boolean open,
      boolean voted,
      boolean behind,
      boolean mayAnswer,
      int version,
      String mark,
      String shown,
      String answer,
      @Nullable RawString why,
      @Nullable String decidedAt,
      @Nullable Ended ended,
      List<Ended> late,
      boolean undone,
      boolean follows,
      String says) {

    /// Whether nobody ever approved this target.
    public boolean newTarget() {
      return changes != null && changes.newTarget();
    }

    /// The fields whose value must be typed before an approval.
    public List<Line> confirm() {
      return fields.stream().filter(Line::confirm).toList();
    }
  }

  /// What anybody sees who holds the link: the card, and how it stands, but not who answered.
  record Cover(String id, RawString title, RawString target, String shortCode, String answer) {
    public String path() {
      return "/tickets/" + id;
    }
  }

  Row row(FindTickets.Waiting waiting, Question question, String approver) {
    Docket docket = waiting.docket();
    Moments moments = pages.moments(approver);
    Visible visible = pages.visible(Lookalikes.of(List.of()));
    return new Row(
        waiting.together() > 1 ? SetView.path(docket.actionId()) : "/tickets/" + docket.actionId(),
        visible.cut(question.prompt().title(), LONGEST_TITLE),
        visible.cut(question.prompt().target(), LONGEST_TITLE),
        moments.left(docket.now(), question.expiresAt()),
        moments.at(question.expiresAt()),
        shortCode(question),
        waiting.alike());
  }

  Cover cover(Docket docket) {
    Question question = docket.question();
    String standing = standings.of(docket.standing());
    return question == null
        ? new Cover(
            docket.actionId().toString(),
            Visible.line(words().nobodyAsked()),
            Visible.line(""),
            "",
            standing)
        : new Cover(
            docket.actionId().toString(),
            Visible.line(question.card().title()),
            Visible.line(question.card().target()),
            shortCode(question),
            standing);
  }

  Page page(ReadTicket.Dossier dossier, String approver, Filled filled) {
    Docket docket = dossier.docket();
    Question question = dossier.question();
    Prompt prompt = question.prompt();
    DecideWords words = words();
    Moments moments = pages.moments(approver);
    Visible visible = pages.visible(Lookalikes.of(known(dossier)));
    boolean due = !docket.now().isBefore(question.expiresAt());
    Tally tally = find.tally(docket, question);
    Execution execution = dossier.execution();
    String progress = words.progress(approvals(docket, tally), tally.needed());
    String answer =
        due && docket.standing() == Standing.PENDING ? words.passed() : standings.withNames(docket);
    return new Page(
        docket.actionId().toString(),
        visible.cut(prompt.title(), LONGEST_TITLE),
        visible.cut(prompt.title(), LONGEST_ACT),
        Visible.isCut(prompt.title(), LONGEST_TITLE) ? visible.folded(prompt.title()) : null,
        visible.folded(prompt.target()),
        visible.folded(prompt.effect()),
        shortCode(question),
        request.risks(prompt, visible),
        lines(dossier, visible, filled),
        RequestView.rests(prompt, visible),
        changes(dossier.comparison(), visible, moments),
        request.requester(question.action().agent(), visible),
        timeline.run(dossier, approver, visible, moments),
        dossier.hasMoreOfRun() ? search(question.action().agent().session()) : null,
        prompt.rules().stream()
            .map(rule -> new Rule(visible.folded(rule.id()), visible.folded(rule.says())))
            .toList(),
        request.agentSays(prompt, visible),
        RequestView.rollback(prompt, visible),
        visible.many(pretty(question.action().parameters())),
        visible.cut(question.action().tool().toString(), LONGEST_TITLE),
        question.actionDigest().value(),
        prompt.policyVersion().value(),
        moments.at(question.expiresAt()),
        new Clock(
            docket.now().toEpochMilli(),
            question.expiresAt().toEpochMilli(),
            due ? words.passed() : words.left(moments.left(docket.now(), question.expiresAt())),
            Duration.between(docket.now(), question.expiresAt()).compareTo(SOON) < 0),
        docket.votes().stream().map(vote -> voted(vote, moments)).toList(),
        timeline.history(dossier, visible, moments),
        progress,
        lacking(tally),
        docket.standing() == Standing.PENDING && !due,
        docket.votes().stream().anyMatch(vote -> vote.stands() && vote.approver().equals(approver)),
        find.isBehind(docket, approver),
        find.mayAnswer(docket, approver),
        docket.version(),
        mark(docket, execution != null, dossier.found().size(), dossier.late().size()),
        question.promptDigest().value(),
        answer,
        docket.reason() == null || PLAIN_REASONS.contains(docket.reason().code())
            ? null
            : visible.foldedLines(docket.reason().text()),
        docket.decidedAt() == null ? null : moments.at(docket.decidedAt()),
        execution == null
            ? null
            : dossier
                .finding()
                .map(found -> found(found, execution, moments))
                .orElseGet(() -> ended(ExecutionView.of(execution, words, visible), moments)),
        dossier.late().stream()
            .map(each -> ended(ExecutionView.of(each, words, visible), moments))
            .toList(),
        execution != null && isUndone(execution.status(), dossier.finding()),
        docket.standing() == Standing.PENDING
            || (docket.standing() == Standing.APPROVED && (execution == null || dossier.open())),
        (execution == null
                ? answer + ". " + progress
                : dossier
                    .finding()
                    .map(found -> ReconcileView.lookedInto(found, reconcile()))
                    .orElseGet(() -> ExecutionView.what(execution, words)))
            + ".");
  }

  /// As {@link dev.countersign.ticket.application.Watch} marks it: how it stands, whether it has
  /// ended, and how much was found and said since.
  static String mark(Docket docket, boolean ended, int found, int late) {
    return docket.version()
        + docket.standing().word()
        + (ended ? "+" + (found == 0 ? "" : "f" + found) + (late == 0 ? "" : "l" + late) : "")
        + (docket.hold() == null ? "" : "h" + docket.hold().id());
  }

  /// The seats that are filled; of what has ended the votes that stood then, whoever has left
  /// since.
  private static int approvals(Docket docket, Tally tally) {
    if (docket.standing() == Standing.PENDING) {
      return tally.filled();
    }
    long standing =
        docket.votes().stream()
            .filter(vote -> vote.stands() && vote.answer() == Answer.APPROVE)
            .count();
    return Math.toIntExact(Math.min(standing, tally.needed()));
  }

  /// The names of groups that share a seat stand together.
  private static @Nullable RawString lacking(Tally tally) {
    return tally.empty().isEmpty()
        ? null
        : Visible.line(
            tally.empty().stream()
                .map(seat -> String.join(" / ", seat.groups()))
                .distinct()
                .collect(Collectors.joining(", ")));
  }

  private @Nullable ChangesView changes(
      @Nullable Comparison comparison, Visible visible, Moments moments) {
    return comparison == null
        ? null
        : ChangesView.of(comparison, visible, moments, pages.language(), words().target());
  }

  private static Stream<Comparison.Difference> differences(@Nullable Comparison comparison) {
    return comparison == null ? Stream.of() : comparison.differences().stream();
  }

  /// What was refused or did not hold was never tried, and what a person found to have had no
  /// effect took none, so there is nothing to roll back.
  private static boolean isUndone(Execution.Status status, Optional<Oversight.Finding> found) {
    return found.filter(Oversight.Finding.NO_EFFECT::equals).isEmpty()
        && switch (status) {
          case FAILED, UNKNOWN -> true;
          case SUCCEEDED, PRECONDITION_FAILED, REFUSED -> false;
        };
  }

  private static Ended ended(ExecutionView ended, Moments moments) {
    return new Ended(ended.what(), ended.detail(), ended.bad(), moments.at(ended.when()));
  }

  /// What was said before stands in the history.
  private Ended found(Oversight.Finding found, Execution execution, Moments moments) {
    return new Ended(
        ReconcileView.lookedInto(found, reconcile()),
        null,
        false,
        moments.at(ExecutionView.when(execution)));
  }

  private ReconcileWords reconcile() {
    return pages.words(ReconcileWords.class);
  }

  /// What words from outside are held against: those of the operator, then what the prompt shows.
  private static List<String> known(ReadTicket.Dossier dossier) {
    Prompt prompt = dossier.question().prompt();
    return Stream.of(
            dossier.alike().values().stream(),
            prompt.rules().stream().map(dev.countersign.events.Rule::says),
            prompt.fields().stream().map(Prompt.Field::label),
            prompt.risks().stream(),
            Stream.of(prompt.title(), prompt.target(), prompt.effect()),
            prompt.fields().stream().map(Prompt.Field::value))
        .flatMap(each -> each)
        .toList();
  }

  private static List<Line> lines(ReadTicket.Dossier dossier, Visible visible, Filled filled) {
    Map<String, Comparison.Difference> differences =
        differences(dossier.comparison())
            .filter(each -> !each.label().equals(Precedents.TARGET))
            .collect(Collectors.toMap(Comparison.Difference::label, each -> each, (a, _) -> a));
    Set<Integer> wrong = filled.wrong(dossier.question());
    List<Line> lines = new ArrayList<>();
    for (Prompt.Field each : dossier.question().prompt().fields()) {
      Comparison.Difference difference = differences.get(each.label());
      String alike = dossier.alike().get(each.value());
      lines.add(
          new Line(
              visible.one(each.label()),
              // What must be typed stands there whole.
              each.confirm() ? visible.one(each.value()) : visible.folded(each.value()),
              each.confirm(),
              BallotForm.TYPED + lines.size(),
              filled.typed().getOrDefault(lines.size(), ""),
              wrong.contains(lines.size()),
              difference != null && difference.isNew(),
              alike == null ? null : visible.one(alike)));
    }
    return lines;
  }

  private Voted voted(Vote vote, Moments moments) {
    String answer =
        switch (vote.answer()) {
          case APPROVE -> words().voteApproved();
          case REJECT -> words().voteRejected();
        };
    return new Voted(
        roster.name(vote.approver()),
        answer,
        timeline.how(vote.assurance()),
        moments.at(vote.at()),
        vote.stands() ? null : words().lapsed());
  }

  private DecideWords words() {
    return pages.words(DecideWords.class);
  }

  static String shortCode(Question question) {
    String code = question.card().shortCode();
    return code == null ? "" : code;
  }

  private static String search(@Nullable String words) {
    return "/search?words=" + URLEncoder.encode(words == null ? "" : words, StandardCharsets.UTF_8);
  }

  static String pretty(JsonNode json) {
    try {
      return JSON.writerWithDefaultPrettyPrinter()
          .writeValueAsString(JSON.readTree(json.toString()));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
