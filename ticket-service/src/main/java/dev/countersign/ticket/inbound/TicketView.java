package dev.countersign.ticket.inbound;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
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
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Lays a docket out for the page. Every text that came from elsewhere goes through {@link
/// Visible}.
@ApplicationScoped
class TicketView {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("d MMM yyyy, HH:mm", Locale.ENGLISH);

  private final Roster roster;
  private final FindTickets find;

  @Inject
  TicketView(Roster roster, FindTickets find) {
    this.roster = roster;
    this.find = find;
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
      boolean passkey,
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
    return new Row(
        docket.actionId().toString(),
        Visible.line(question.prompt().title()),
        Visible.line(question.prompt().target()),
        left(docket.now(), question.expiresAt()),
        moment(question.expiresAt(), approver),
        shortCode(question));
  }

  Cover cover(Docket docket) {
    Question question = docket.question();
    return question == null
        ? new Cover(
            docket.actionId().toString(),
            Visible.line("An action that no person was asked about"),
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
    boolean open = docket.standing() == Standing.PENDING;
    boolean due = !docket.now().isBefore(question.expiresAt());
    boolean passkey = !Assurance.CODE.satisfies(question.requirement().assurance());
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
        moment(question.expiresAt(), approver),
        due ? "the deadline has passed" : left(docket.now(), question.expiresAt()) + " left",
        Duration.between(docket.now(), question.expiresAt()).toMinutes() < 5,
        docket.votes().stream().map(vote -> voted(vote, approver)).toList(),
        approvals + " of " + needed + (needed == 1 ? " approval" : " approvals"),
        open && !due,
        passkey,
        docket.votes().stream().anyMatch(vote -> vote.approver().equals(approver)),
        find.isBehind(docket, approver),
        find.mayAnswer(docket, approver),
        docket.version(),
        question.promptDigest().value(),
        answer(docket),
        docket.reason() == null ? null : Visible.lines(docket.reason().text()),
        docket.decidedAt() == null ? null : moment(docket.decidedAt(), approver));
  }

  private static List<Line> lines(Prompt prompt) {
    List<Line> lines = new ArrayList<>();
    for (Prompt.Field each : prompt.fields()) {
      lines.add(
          new Line(
              Visible.line(each.label()),
              Visible.line(each.value()),
              each.confirm(),
              TicketPages.TYPED + lines.size()));
    }
    return lines;
  }

  private static List<Said> requester(Agent agent) {
    List<Said> said = new ArrayList<>();
    said(said, "Agent", agent.id());
    said(said, "Platform", agent.platform());
    said(said, "Run", agent.session());
    said(said, "On behalf of", agent.onBehalfOf());
    said(said, "Owner", agent.owner());
    return said;
  }

  private static List<Said> agentSays(@Nullable Intent intent) {
    List<Said> said = new ArrayList<>();
    if (intent != null) {
      said(said, "Summary", intent.summary());
      said(said, "Reason", intent.reason());
      said(said, "Expected effect", intent.expectedEffect());
      if (intent.confidence() != null) {
        said(said, "Its own confidence", Math.round(intent.confidence() * 100) + " %");
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

  private Voted voted(Vote vote, String approver) {
    String answer =
        switch (vote.answer()) {
          case APPROVE -> "approved";
          case REJECT -> "rejected";
        };
    return new Voted(roster.name(vote.approver()), answer, moment(vote.at(), approver));
  }

  /// With the names of those who answered.
  private String answer(Docket docket) {
    String decidedBy = docket.decidedBy();
    return standing(docket)
        + switch (docket.standing()) {
          case APPROVED -> by(docket.votes());
          case REJECTED -> decidedBy == null ? "" : " by " + roster.name(decidedBy);
          case PENDING, EXPIRED, CANCELLED, CANCEL_FIRST, DENIED, REFUSED -> "";
        };
  }

  private static String standing(Docket docket) {
    return switch (docket.standing()) {
      case PENDING -> "Waiting for an answer";
      case APPROVED -> "Approved";
      case REJECTED -> "Rejected";
      case EXPIRED -> "Expired: nobody answered in time, so the answer is no";
      case CANCELLED, CANCEL_FIRST -> "Cancelled by the proposer";
      case DENIED -> "Denied by the policy";
      case REFUSED -> "Refused";
    };
  }

  private String by(List<Vote> votes) {
    return votes.isEmpty()
        ? " by the policy"
        : votes.stream()
            .filter(vote -> vote.answer() == Answer.APPROVE)
            .map(vote -> roster.name(vote.approver()))
            .collect(Collectors.joining(" and ", " by ", ""));
  }

  private static String shortCode(Question question) {
    String code = question.card().shortCode();
    return code == null ? "" : code;
  }

  private String moment(Instant at, String approver) {
    ZoneId zone = roster.zone(approver);
    return MOMENT.format(at.atZone(zone)) + " " + zoneName(zone);
  }

  private static String zoneName(ZoneId zone) {
    return zone.getId().equals("Z") ? "UTC" : zone.getId();
  }

  static String left(Instant now, Instant until) {
    Duration left = Duration.between(now, until);
    if (left.isNegative() || left.isZero()) {
      return "no time";
    }
    if (left.toDays() > 1) {
      return left.toDays() + " days";
    }
    if (left.toHours() > 0) {
      return left.toHours() + " h " + left.toMinutesPart() + " min";
    }
    return left.toMinutes() > 0 ? left.toMinutes() + " min" : "less than a minute";
  }

  private static String pretty(JsonNode json) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
