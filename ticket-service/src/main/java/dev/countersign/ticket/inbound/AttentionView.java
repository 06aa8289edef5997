package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.LiftHold;
import dev.countersign.ticket.application.ReadAttention;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.RuleAnswers;
import dev.countersign.ticket.domain.AgentSession;
import io.quarkus.qute.RawString;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Lays out how much is asked of people, and what is held.
@ApplicationScoped
class AttentionView {

  private final Roster roster;
  private final Pages pages;

  @Inject
  AttentionView(Roster roster, Pages pages) {
    this.roster = roster;
    this.pages = pages;
  }

  /// A bar and its numbers; no bar where there is no budget.
  record Bar(
      RawString who,
      String when,
      int prompts,
      int most,
      boolean endless,
      boolean usedUp,
      int withheld,
      String says) {}

  record Held(
      long id,
      RawString agent,
      @Nullable RawString platform,
      @Nullable RawString session,
      String by,
      RawString reason,
      String ticket,
      boolean mayLift) {}

  record Rule(
      RawString id,
      RawString says,
      int answers,
      String approved,
      @Nullable String median,
      boolean wavedThrough) {}

  Bar mine(ReadAttention.Used used) {
    return bar(used, roster.name(used.budget().meter().who()), "");
  }

  List<Bar> people(ReadAttention.Overview all) {
    return all.people().stream().map(this::mine).toList();
  }

  List<Bar> agents(ReadAttention.Overview all, String approver) {
    Moments moments = pages.moments(approver);
    return all.agents().stream()
        .map(each ->
            bar(
                each,
                each.budget().meter().who(),
                moments.at(Instant.parse(each.budget().meter().period()))))
        .toList();
  }

  private Bar bar(ReadAttention.Used used, String who, String when) {
    AttentionWords words = words();
    int prompts = used.reading().prompts();
    return new Bar(
        Visible.line(who),
        when,
        prompts,
        used.budget().most(),
        used.isEndless(),
        used.isUsedUp(),
        used.reading().withheld(),
        used.isEndless() ? words.endless(prompts) : words.of(prompts, used.budget().most()));
  }

  List<Rule> rules(ReadAttention.Overview all) {
    return all.rules().rules().stream().map(this::rule).toList();
  }

  private Rule rule(RuleAnswers each) {
    Locale language = pages.language();
    Duration median = each.median();
    NumberFormat seconds = NumberFormat.getNumberInstance(language);
    seconds.setMaximumFractionDigits(1);
    return new Rule(
        Visible.line(each.rule()),
        Visible.line(each.says()),
        each.answers(),
        NumberFormat.getPercentInstance(language)
            .format((double) each.approvals() / each.answers()),
        median == null ? null : words().seconds(seconds.format(median.toMillis() / 1000.0)),
        each.isWavedThrough());
  }

  List<Held> held(List<LiftHold.Held> held, String approver) {
    return held.stream().map(each -> held(each, approver)).toList();
  }

  private Held held(LiftHold.Held each, String approver) {
    AgentSession session = each.hold().session();
    return new Held(
        each.hold().id(),
        Visible.line(session.agent()),
        line(session.platform()),
        line(session.session()),
        words().heldBy(roster.name(each.hold().by()), pages.moments(approver).at(each.hold().at())),
        Visible.lines(each.hold().reason()),
        each.hold().actionId().toString(),
        each.mayLift());
  }

  private static @Nullable RawString line(@Nullable String text) {
    return text == null ? null : Visible.line(text);
  }

  private AttentionWords words() {
    return pages.words(AttentionWords.class);
  }
}
