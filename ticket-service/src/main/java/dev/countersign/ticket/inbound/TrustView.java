package dev.countersign.ticket.inbound;

import dev.countersign.events.Prompt;
import dev.countersign.events.StandingPermission;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.application.Trusts;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.SessionTrust;
import dev.countersign.ticket.domain.TrustOffer;
import dev.countersign.ticket.domain.TrustWish;
import io.quarkus.qute.RawString;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Lays standing permissions out for the pages, and reads the form by which one is given.
@ApplicationScoped
class TrustView {

  private static final String CHOSEN = "trust";
  private static final String CALLS = "trust-calls";
  private static final String MINUTES = "trust-minutes";
  private static final String SUM = "trust-sum";
  private static final String SAME = "trust-same";

  // To begin with less than the policy permits: who wants more has to say so.
  private static final int FEW = 5;
  private static final long HALF_AN_HOUR = 30;

  private final Roster roster;

  @Inject
  TrustView(Roster roster) {
    this.roster = roster;
  }

  /// What a ticket's page offers; `chosen` where it was asked for before.
  record Offer(
      boolean chosen,
      int calls,
      int mostCalls,
      long minutes,
      long mostMinutes,
      @Nullable String sum,
      @Nullable String mostSum,
      @Nullable RawString condition,
      List<Field> fields) {}

  /// A field that can be kept the same; `position` is its place in the prompt.
  record Field(int position, RawString label, RawString value, boolean chosen) {}

  /// How one stands.
  enum State {
    IN_FORCE,
    USED_UP,
    OVER,
    REVOKED,
    UNPROVEN
  }

  record Use(String id, RawString title, String at, @Nullable String amount) {}

  /// One of the page's list.
  record Row(
      String id,
      State state,
      RawString title,
      String approver,
      RawString agent,
      RawString session,
      @Nullable RawString onBehalfOf,
      RawString tool,
      String calls,
      String mostCalls,
      @Nullable String sum,
      @Nullable String mostSum,
      String until,
      @Nullable RawString condition,
      @Nullable String revokedBy,
      List<Use> uses,
      int moreUses) {

    public boolean inForce() {
      return state == State.IN_FORCE;
    }
  }

  /// What may be permitted along with an approval, as it was wished for before; absent where each
  /// call is asked about.
  @Nullable Offer offer(Docket docket, Question question, @Nullable TrustWish wish) {
    TrustOffer offer = question.offer();
    if (offer == null || docket.standing() != Standing.PENDING) {
      return null;
    }
    long most = offer.terms().window().toMinutes();
    if (most == 0) {
      // It is given by the minute.
      return null;
    }
    List<Field> fields = new ArrayList<>();
    for (Prompt.Field each : question.prompt().fields()) {
      fields.add(
          new Field(
              fields.size(),
              Visible.line(each.label()),
              Visible.line(each.value()),
              // What must be typed each time is what differs each time.
              wish == null ? !each.confirm() : wish.same().contains(fields.size())));
    }
    String condition = offer.terms().condition();
    return new Offer(
        wish != null,
        wish == null ? Math.min(FEW, offer.terms().calls()) : wish.calls(),
        offer.terms().calls(),
        wish == null ? Math.min(HALF_AN_HOUR, most) : wish.window().toMinutes(),
        most,
        wish == null ? offer.terms().sum() : wish.sum(),
        offer.terms().sum(),
        condition == null ? null : Visible.line(condition),
        fields);
  }

  /// What the form asks for; empty where it asks for no trust. What is no number is 0, which no
  /// policy permits. Throws `IllegalArgumentException` where it says what no page of ours wrote.
  static Optional<TrustWish> wish(MultivaluedMap<String, String> form) {
    if (form.getFirst(CHOSEN) == null) {
      return Optional.empty();
    }
    String calls = form.getFirst(CALLS);
    String minutes = form.getFirst(MINUTES);
    String sum = form.getFirst(SUM);
    if (calls == null || minutes == null) {
      throw new IllegalArgumentException("trust without bounds");
    }
    Set<Integer> same = new HashSet<>();
    form.getOrDefault(SAME, List.of()).forEach(each -> same.add(Integer.valueOf(each)));
    return Optional.of(
        new TrustWish(
            number(calls),
            Duration.ofMinutes(number(minutes)),
            sum == null ? null : sum.strip(),
            same));
  }

  private static int number(String typed) {
    try {
      return Integer.parseInt(typed.strip());
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  Row row(Trusts.Shown shown, Instant now, Moments moments) {
    SessionTrust trust = shown.trust();
    StandingPermission permission = trust.permission();
    String onBehalfOf = permission.agent().onBehalfOf();
    String condition = Trusts.inWords(permission);
    return new Row(
        trust.id().toString(),
        state(trust, now),
        Visible.line(shown.title()),
        roster.name(trust.vote().approver()),
        Visible.line(permission.agent().id()),
        Visible.line(String.valueOf(permission.agent().session())),
        onBehalfOf == null ? null : Visible.line(onBehalfOf),
        Visible.line(permission.tool().toString()),
        String.valueOf(trust.calls()),
        String.valueOf(permission.calls()),
        permission.sum() == null ? null : trust.sum().toPlainString(),
        permission.sum(),
        moments.at(trust.until()),
        condition == null ? null : Visible.line(condition),
        shown.revokedBy() == null ? null : roster.name(shown.revokedBy()),
        shown.uses().stream()
            .map(use ->
                new Use(
                    use.actionId().toString(),
                    Visible.line(use.title()),
                    moments.at(use.at()),
                    use.amount() == null ? null : use.amount().toPlainString()))
            .toList(),
        Math.max(0, trust.calls() - shown.uses().size()));
  }

  private static State state(SessionTrust trust, Instant now) {
    if (trust.revoked()) {
      return State.REVOKED;
    }
    if (!trust.proven()) {
      return State.UNPROVEN;
    }
    if (trust.calls() >= trust.permission().calls()) {
      return State.USED_UP;
    }
    return trust.isInForce(now) ? State.IN_FORCE : State.OVER;
  }
}
