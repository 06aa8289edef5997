package dev.countersign.ticket.inbound;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Intent;
import dev.countersign.events.Prompt;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Vote;
import io.quarkus.qute.RawString;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lays a docket out for the page. Every text that came from elsewhere goes through {@link
/// Visible}.
@ApplicationScoped
class TicketView {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Roster roster;
  private final FindTickets find;
  private final Pages pages;

  @Inject
  TicketView(Roster roster, FindTickets find, Pages pages) {
    this.roster = roster;
    this.find = find;
    this.pages = pages;
  }

  /// A line of the prompt; `name` is its input's, where it must be typed.
  record Line(RawString label, RawString value, boolean confirm, String name) {}

  record Said(String label, RawString words) {}

  record Rule(RawString id, RawString says) {}

  record Voted(String name, String answer, String at) {}

  /// What stands in one row of the inbox.
  record Row(
      String id, RawString title, RawString target, String left, String until, String code) {}

  /// The page of one ticket, for a person who is signed in.
  record Page(
      String id,
      RawString title,
      RawString target,
      RawString effect,
      String shortCode,
      List<RawString> risks,
      List<Line> fields,
      List<Said> requester,
      List<Rule> rules,
      List<Said> agentSays,
      @Nullable RawString rollback,
      RawString parameters,
      RawString tool,
      String until,
      String left,
      boolean soon,
      List<Voted> votes,
      String progress,
      boolean open,
      boolean voted,
      boolean behind,
      boolean mayAnswer,
      int version,
      String shown,
      String answer,
      @Nullable RawString why,
      @Nullable String decidedAt) {

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

  Row row(Docket docket, Question question, String approver) {
    Moments moments = pages.moments(approver);
    return new Row(
        docket.actionId().toString(),
        Visible.line(question.prompt().title()),
        Visible.line(question.prompt().target()),
        moments.left(docket.now(), question.expiresAt()),
        moments.at(question.expiresAt()),
        shortCode(question));
  }

  Cover cover(Docket docket) {
    Question question = docket.question();
    return question == null
        ? new Cover(
            docket.actionId().toString(),
            Visible.line(words().nobodyAsked()),
            Visible.line(""),
            "",
            standing(docket))
        : new Cover(
            docket.actionId().toString(),
            Visible.line(question.card().title()),
            Visible.line(question.card().target()),
            shortCode(question),
            standing(docket));
  }

  Page page(Docket docket, Question question, String approver) {
    Prompt prompt = question.prompt();
    DecideWords words = words();
    Moments moments = pages.moments(approver);
    boolean open = docket.standing() == Standing.PENDING;
    boolean due = !docket.now().isBefore(question.expiresAt());
    int needed = question.requirement().votesNeeded();
    long approvals = docket.votes().stream().filter(v -> v.answer() == Answer.APPROVE).count();
    return new Page(
        docket.actionId().toString(),
        Visible.line(prompt.title()),
        Visible.line(prompt.target()),
        Visible.line(prompt.effect()),
        shortCode(question),
        prompt.risks().stream().map(Visible::line).toList(),
        lines(prompt),
        requester(question.action().agent()),
        prompt.rules().stream()
            .map(rule -> new Rule(Visible.line(rule.id()), Visible.line(rule.says())))
            .toList(),
        agentSays(prompt.agentSays()),
        rollback(prompt),
        Visible.lines(pretty(question.action().parameters())),
        Visible.line(question.action().tool().toString()),
        moments.at(question.expiresAt()),
        due ? words.passed() : words.left(moments.left(docket.now(), question.expiresAt())),
        Duration.between(docket.now(), question.expiresAt()).toMinutes() < 5,
        docket.votes().stream().map(vote -> voted(vote, moments)).toList(),
        words.progress(approvals, needed),
        open && !due,
        docket.votes().stream().anyMatch(vote -> vote.approver().equals(approver)),
        find.isBehind(docket, approver),
        find.mayAnswer(docket, approver),
        docket.version(),
        question.promptDigest().value(),
        answer(docket),
        docket.reason() == null ? null : Visible.lines(docket.reason().text()),
        docket.decidedAt() == null ? null : moments.at(docket.decidedAt()));
  }

  private static List<Line> lines(Prompt prompt) {
    List<Line> lines = new ArrayList<>();
    for (Prompt.Field each : prompt.fields()) {
      lines.add(
          new Line(
              Visible.line(each.label()),
              Visible.line(each.value()),
              each.confirm(),
              BallotForm.TYPED + lines.size()));
    }
    return lines;
  }

  private List<Said> requester(Agent agent) {
    DecideWords words = words();
    List<Said> said = new ArrayList<>();
    said(said, words.agent(), agent.id());
    said(said, words.platform(), agent.platform());
    said(said, words.run(), agent.session());
    said(said, words.onBehalfOf(), agent.onBehalfOf());
    said(said, words.owner(), agent.owner());
    return said;
  }

  private List<Said> agentSays(@Nullable Intent intent) {
    DecideWords words = words();
    List<Said> said = new ArrayList<>();
    if (intent != null) {
      said(said, words.summary(), intent.summary());
      said(said, words.reason(), intent.reason());
      said(said, words.expectedEffect(), intent.expectedEffect());
      if (intent.confidence() != null) {
        said(said, words.confidence(), Math.round(intent.confidence() * 100) + " %");
      }
    }
    return said;
  }

  private static void said(List<Said> said, String label, @Nullable String words) {
    if (words != null && !words.isBlank()) {
      said.add(new Said(label, Visible.lines(words)));
    }
  }

  private static @Nullable RawString rollback(Prompt prompt) {
    String plan = prompt.rollbackPlan();
    if (plan == null && prompt.agentSays() != null) {
      plan = prompt.agentSays().rollbackPlan();
    }
    return plan == null || plan.isBlank() ? null : Visible.lines(plan);
  }

  private Voted voted(Vote vote, Moments moments) {
    String answer =
        switch (vote.answer()) {
          case APPROVE -> words().voteApproved();
          case REJECT -> words().voteRejected();
        };
    return new Voted(roster.name(vote.approver()), answer, moments.at(vote.at()));
  }

  /// With the names of those who answered.
  private String answer(Docket docket) {
    String decidedBy = docket.decidedBy();
    return switch (docket.standing()) {
      case APPROVED ->
          docket.trust() == null
              ? approved(docket.votes())
              : pages.words(TrustWords.class).approvedByTrust();
      case REJECTED ->
          decidedBy == null ? standing(docket) : words().rejectedBy(roster.name(decidedBy));
      case PENDING, EXPIRED, CANCELLED, CANCEL_FIRST, DENIED, REFUSED -> standing(docket);
    };
  }

  private String standing(Docket docket) {
    DecideWords words = words();
    return switch (docket.standing()) {
      case PENDING -> words.pending();
      case APPROVED -> words.approved();
      case REJECTED -> words.rejected();
      case EXPIRED -> words.expired();
      case CANCELLED, CANCEL_FIRST -> words.cancelled();
      case DENIED -> words.denied();
      case REFUSED -> words.refused();
    };
  }

  private String approved(List<Vote> votes) {
    Words common = pages.words(Words.class);
    return votes.stream()
        .filter(vote -> vote.answer() == Answer.APPROVE)
        .map(vote -> roster.name(vote.approver()))
        .reduce(common::and)
        .map(words()::approvedBy)
        .orElseGet(words()::approvedByPolicy);
  }

  private DecideWords words() {
    return pages.words(DecideWords.class);
  }

  private static String shortCode(Question question) {
    String code = question.card().shortCode();
    return code == null ? "" : code;
  }

  private static String pretty(JsonNode json) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
