package dev.countersign.ticket.domain;

import static dev.countersign.ticket.domain.Samples.CREDIT_DIGEST;
import static dev.countersign.ticket.domain.Samples.DEADLINE;
import static dev.countersign.ticket.domain.Samples.GIVEN_AT;
import static dev.countersign.ticket.domain.Samples.ID;
import static dev.countersign.ticket.domain.Samples.OPENED;
import static dev.countersign.ticket.domain.Samples.PEOPLE;
import static dev.countersign.ticket.domain.Samples.TERMS;
import static dev.countersign.ticket.domain.Samples.credit;
import static dev.countersign.ticket.domain.Samples.electorate;
import static dev.countersign.ticket.domain.Samples.permission;
import static dev.countersign.ticket.domain.Samples.requirement;
import static dev.countersign.ticket.domain.Samples.seats;
import static dev.countersign.ticket.domain.Samples.trust;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.countersign.events.Action;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assertion;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.Prompt;
import dev.countersign.events.Requirement;
import dev.countersign.events.StandingPermission;
import dev.countersign.events.StandingPermission.Same;
import dev.countersign.events.Tool;
import dev.countersign.events.TrustTerms;
import dev.countersign.events.VoteChallenge;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a standing permission covers, and how one is given.
class SessionTrustTest {

  private static final Instant SOON = OPENED.plusSeconds(60);
  private static final Question CREDIT = credit("ACME GmbH", "40.00");
  private static final TrustWish WISH = new TrustWish(3, Duration.ofMinutes(30), "100", Set.of(0));

  private static Outcome use(Question question, SessionTrust trust, Instant at, Electorate people) {
    return TicketMachine.decide(
        new Ticket.Pending(ID, 0, question, List.of()), new Command.UseTrust(at, trust, people));
  }

  private static void isUsed(Question question, SessionTrust trust) {
    Outcome.Answered answered =
        assertInstanceOf(Outcome.Answered.class, use(question, trust, SOON, PEOPLE));
    Ticket.Approved approved = assertInstanceOf(Ticket.Approved.class, answered.ticket());
    assertEquals(GIVEN_AT, approved.trust());
    assertEquals(List.of(trust.vote()), approved.votes());
    assertEquals(TicketMachine.TRUSTED, approved.reason().code());
  }

  private static void isNotUsed(Question question, SessionTrust trust) {
    isNotUsed(question, trust, SOON, PEOPLE);
  }

  private static void isNotUsed(
      Question question, SessionTrust trust, Instant at, Electorate people) {
    assertEquals(new Outcome.Refused(Refusal.NOT_TRUSTED), use(question, trust, at, people));
  }

  private static Question with(Question it, Action action, @Nullable TrustOffer offer) {
    return with(it, action, it.requirement(), offer);
  }

  private static Question with(
      Question it, Action action, Requirement requirement, @Nullable TrustOffer offer) {
    return new Question(
        action,
        it.actionDigest(),
        it.prompt(),
        it.promptDigest(),
        it.card(),
        requirement,
        it.openedAt(),
        it.expiresAt(),
        offer);
  }

  private static Question showing(Question it, Consumer<List<Prompt.Field>> change) {
    List<Prompt.Field> fields = new ArrayList<>(it.prompt().fields());
    change.accept(fields);
    Prompt prompt =
        new Prompt(
            it.prompt().title(),
            it.prompt().target(),
            it.prompt().effect(),
            fields,
            null,
            List.of(),
            List.of(),
            null,
            it.actionDigest(),
            it.prompt().policyVersion());
    return new Question(
        it.action(),
        it.actionDigest(),
        prompt,
        prompt.digest(),
        it.card(),
        it.requirement(),
        it.openedAt(),
        it.expiresAt(),
        it.offer());
  }

  private static Question by(Agent agent) {
    return with(
        CREDIT,
        new Action(agent, CREDIT.action().tool(), CREDIT.action().parameters()),
        CREDIT.offer());
  }

  private static Question offering(TrustTerms terms) {
    return with(
        CREDIT, CREDIT.action(), new TrustOffer(CREDIT_DIGEST, terms, new BigDecimal("40.00")));
  }

  @Test
  void whatItCoversIsApprovedInTheNameOfTheVoteThatGaveIt() {
    isUsed(CREDIT, trust(permission("1000")));
  }

  @Test
  void aSameNamedToolElsewhereAsksAgain() {
    SessionTrust trust = trust(permission("1000"));
    isNotUsed(
        with(
            CREDIT,
            new Action(
                CREDIT.action().agent(),
                new Tool("other-payments", "credit_note"),
                CREDIT.action().parameters()),
            CREDIT.offer()),
        trust);
    isNotUsed(
        with(
            CREDIT,
            CREDIT.action(),
            new TrustOffer(Digest.of(new byte[] {3}), TERMS, new BigDecimal("40.00"))),
        trust);
    isNotUsed(by(new Agent("other-bot", "acme-agents", "run-91c", null)), trust);
    isNotUsed(by(new Agent("billing-bot", "other-platform", "run-91c", null)), trust);
    isNotUsed(by(new Agent("billing-bot", "acme-agents", "run-92", null)), trust);
    isNotUsed(by(new Agent("billing-bot", "acme-agents", "run-91c", "bob")), trust);
    isNotUsed(with(CREDIT, CREDIT.action(), null), trust);
  }

  @Test
  void itsBoundsAreNeverOverrun() {
    SessionTrust trust = trust(permission("100"));
    isUsed(CREDIT, trust.after(new BigDecimal("60.00")));
    isNotUsed(CREDIT, trust.after(new BigDecimal("60.01")));
    SessionTrust four = trust(permission("1000"));
    for (int i = 0; i < 4; i++) {
      four = four.after(BigDecimal.ONE);
    }
    isUsed(CREDIT, four);
    isNotUsed(CREDIT, four.after(BigDecimal.ONE));
  }

  @Test
  void itEndsByTheClockAndWhenItIsRevoked() {
    SessionTrust trust = trust(permission("1000"));
    SessionTrust brief =
        trust(
            new StandingPermission(
                trust.permission().agent(),
                trust.permission().tool(),
                CREDIT_DIGEST,
                5,
                Duration.ofMinutes(1),
                "1000",
                "amount",
                TERMS.condition(),
                List.of()));
    assertInstanceOf(
        Outcome.Answered.class, use(CREDIT, brief, brief.until().minusNanos(1000), PEOPLE));
    isNotUsed(CREDIT, brief, brief.until(), PEOPLE);
    isNotUsed(
        CREDIT,
        new SessionTrust(
            GIVEN_AT,
            trust.permission(),
            trust.vote(),
            trust.labels(),
            0,
            BigDecimal.ZERO,
            true,
            true));
    isNotUsed(
        CREDIT,
        new SessionTrust(
            GIVEN_AT,
            trust.permission(),
            trust.vote(),
            trust.labels(),
            0,
            BigDecimal.ZERO,
            false,
            false));
  }

  @Test
  void aPolicyThatIsStricterNowCountsAtOnce() {
    SessionTrust used = trust(permission("1000")).after(new BigDecimal("70"));
    String condition = TERMS.condition();
    Duration hour = Duration.ofHours(1);
    isUsed(offering(new TrustTerms(2, hour, "200", "amount", condition)), used);
    isNotUsed(offering(new TrustTerms(1, hour, "200", "amount", condition)), used);
    isNotUsed(offering(new TrustTerms(2, hour, "100", "amount", condition)), used);
    isNotUsed(
        offering(new TrustTerms(2, Duration.ofSeconds(60), "200", "amount", condition)), used);
    isNotUsed(offering(new TrustTerms(2, hour, "200", "net", condition)), used);
    isNotUsed(offering(new TrustTerms(2, hour, "200", "amount", "true")), used);
  }

  @Test
  void whoeverGaveItMustStillBeAbleToAnswerThemself() {
    SessionTrust trust = trust(permission("1000"));
    isNotUsed(CREDIT, trust, SOON, electorate(Map.of("alice", Set.of("platform")), Set.of()));
    isNotUsed(CREDIT, trust, SOON, electorate(Map.of("alice", Set.of("finance")), Set.of("alice")));
    isNotUsed(CREDIT, trust, SOON, electorate(Map.of("bob", Set.of("finance")), Set.of()));
    isNotUsed(
        with(
            CREDIT,
            CREDIT.action(),
            requirement(Assurance.PASSKEY, seats(1, "finance")),
            CREDIT.offer()),
        trust);
    isNotUsed(
        with(
            CREDIT,
            CREDIT.action(),
            requirement(Assurance.CODE, seats(2, "finance")),
            CREDIT.offer()),
        trust);
  }

  @Test
  void whatMustStayTheSameMustStayTheSame() {
    SessionTrust trust = trust(permission("1000", new Same("Customer", "ACME GmbH")));
    isUsed(credit("ACME GmbH", "12"), trust);
    isNotUsed(credit("ACME Gmbh", "12"), trust);
    isNotUsed(credit("Amount", "12"), trust(permission("1000", new Same("Target", "ACME GmbH"))));
    // Whatever else is in it nobody looked at.
    SessionTrust all =
        trust(permission("1000", new Same("Customer", "ACME GmbH"), new Same("Amount", "12")));
    isUsed(credit("ACME GmbH", "12"), all);
    Prompt.Field force = new Prompt.Field("force", "true", false);
    for (SessionTrust each : List.of(all, trust)) {
      isNotUsed(showing(credit("ACME GmbH", "12"), it -> it.add(force)), each);
    }
    isNotUsed(showing(credit("ACME GmbH", "12"), it -> it.removeLast()), trust);
  }

  @Test
  void pastTheDeadlineOnlyExpiryFollows() {
    Outcome outcome = use(CREDIT, trust(permission("1000")), DEADLINE, PEOPLE);
    assertInstanceOf(
        Ticket.Expired.class, assertInstanceOf(Outcome.Answered.class, outcome).ticket());
  }

  private static Outcome vote(
      Question question, Answer answer, @Nullable Proof proof, @Nullable TrustWish wish) {
    return TicketMachine.decide(
        new Ticket.Pending(ID, 0, question, List.of()),
        new Command.Vote(
            SOON,
            "alice",
            proof == null ? Assurance.CODE : Assurance.PASSKEY,
            answer,
            0,
            question.promptDigest(),
            Map.of(),
            null,
            proof,
            proof == null ? null : proof.assertion().credentialId(),
            true,
            PEOPLE,
            Brakes.NONE,
            wish));
  }

  private static @Nullable StandingPermission given(Outcome outcome) {
    return assertInstanceOf(Outcome.Answered.class, outcome).vote().orElseThrow().trust();
  }

  @Test
  void aVoteGivesWhatThePolicyPermitsAndNoMore() {
    StandingPermission given =
        Objects.requireNonNull(given(vote(CREDIT, Answer.APPROVE, null, WISH)));
    assertEquals(3, given.calls());
    assertEquals("100", given.sum());
    assertEquals(List.of(new Same("Customer", "ACME GmbH")), given.same());
    assertEquals(TERMS.condition(), given.condition());
    Duration minutes = Duration.ofMinutes(30);
    for (TrustWish tooWide :
        List.of(
            new TrustWish(6, minutes, "100", Set.of()),
            new TrustWish(0, minutes, "100", Set.of()),
            new TrustWish(3, Duration.ofMinutes(61), "100", Set.of()),
            new TrustWish(3, Duration.ZERO, "100", Set.of()),
            new TrustWish(3, minutes, "1000.01", Set.of()),
            new TrustWish(3, minutes, null, Set.of()),
            new TrustWish(3, minutes, "-1", Set.of()),
            new TrustWish(3, minutes, "1e2", Set.of()),
            new TrustWish(3, minutes, "100", Set.of(2)))) {
      assertEquals(
          new Outcome.Refused(Refusal.TRUST_TOO_WIDE),
          vote(CREDIT, Answer.APPROVE, null, tooWide),
          tooWide.toString());
    }
    assertEquals(
        new Outcome.Refused(Refusal.TRUST_TOO_WIDE),
        vote(with(CREDIT, CREDIT.action(), null), Answer.APPROVE, null, WISH),
        "nothing is offered");
    assertEquals(null, given(vote(CREDIT, Answer.REJECT, null, WISH)), "a no permits nothing");
    assertEquals(null, given(vote(CREDIT, Answer.APPROVE, null, null)));
  }

  @Test
  void aPasskeyGivesExactlyTheBoundsThatItSigned() {
    Optional<Digest> signed = TrustOffer.permission(CREDIT, WISH).map(StandingPermission::digest);
    assertEquals(
        3,
        Objects.requireNonNull(given(vote(CREDIT, Answer.APPROVE, proof(signed), WISH))).calls());
    TrustWish wider = new TrustWish(4, WISH.window(), WISH.sum(), WISH.same());
    assertEquals(
        new Outcome.Refused(Refusal.TRUST_TOO_WIDE),
        vote(CREDIT, Answer.APPROVE, proof(signed), wider));
    assertEquals(
        new Outcome.Refused(Refusal.TRUST_TOO_WIDE),
        vote(CREDIT, Answer.APPROVE, proof(Optional.empty()), WISH));
  }

  private static Proof proof(Optional<Digest> trust) {
    return new Proof(
        "",
        new Assertion("", "", "", "", "", "localhost", URI.create("http://localhost"), 0),
        List.of(
            new VoteChallenge.Item(
                ID,
                0,
                CREDIT.actionDigest(),
                CREDIT.promptDigest(),
                Answer.APPROVE,
                "alice",
                DEADLINE,
                trust.orElse(null))),
        false);
  }

  @Test
  void onlyAFieldOfThePromptCanBeKeptTheSame() {
    Prompt prompt = CREDIT.prompt();
    StandingPermission all =
        TrustOffer.permission(CREDIT, new TrustWish(1, Duration.ofMinutes(1), "1", Set.of(0, 1)))
            .orElseThrow();
    assertEquals(
        prompt.fields().stream().map(each -> new Same(each.label(), each.value())).toList(),
        all.same());
  }
}
