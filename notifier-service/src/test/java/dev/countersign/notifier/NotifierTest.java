package dev.countersign.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.icegreen.greenmail.util.GreenMailUtil;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Card;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Expired;
import dev.countersign.events.Notification;
import dev.countersign.events.Notification.Status;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Requirement.Escalation;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.SmtpLine;
import dev.countersign.testservers.Wire;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = MailServer.class, scope = TestResourceScope.GLOBAL)
class NotifierTest {

  private static final String TITLE = "Send EUR 48,200.00";
  private static final Digest DIGEST = Digest.of("x".getBytes(StandardCharsets.UTF_8));

  @Inject AgroalDataSource database;

  @ConfigProperty(name = "countersign.smtp.connections")
  int connections;

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  private final ActionId id = new ActionId(UUID.randomUUID());

  @AfterEach
  void theLineIsUpAgain() throws Exception {
    MailServer.line().up();
  }

  @Test
  void eachApproverGetsOneMail() throws Exception {
    wire.publish(opened("alice", "bob"));

    await(() -> has("alice", "ask", Status.ACCEPTED) && has("bob", "ask", Status.ACCEPTED));
    MimeMessage mail = theMail("alice@acme.example");
    assertEquals(1, mails("bob@acme.example").size());
    assertEquals(2, MailServer.mails(id.toString()).size(), "nobody else gets one");
    assertEquals("Approval needed: Send EUR 48,200.00 [7F-KQ]", mail.getSubject());
    assertEquals("auto-generated", mail.getHeader("Auto-Submitted", null));
    assertEquals("ask", mail.getHeader("X-Countersign-Step", null));
    assertNull(mail.getHeader("In-Reply-To", null));
    for (int part = 0; part < 2; part++) {
      String body = body(mail, part);
      assertTrue(body.contains("http://localhost:8082/tickets/" + id), body);
      assertTrue(body.contains("7F-KQ"), body);
      assertTrue(body.contains("Send EUR 48,200.00"), body);
      assertTrue(body.contains("(Europe/Berlin)"), body);
    }
    assertEquals(mail.getMessageID(), notification("alice", "ask", Status.ACCEPTED).providerId());
    assertEquals(
        List.of(Status.QUEUED, Status.ACCEPTED),
        notifications().stream()
            .filter(each -> each.recipient().equals("alice"))
            .map(Notification::status)
            .toList());
  }

  @Test
  void ofThoseWhoMayAnswerOnlyThoseGetAMailWhomTheTicketIsToReach() throws Exception {
    wire.publish(reaching(opened("alice", "bob", "carol"), List.of("bob")));
    await(() -> has("bob", "ask", Status.ACCEPTED));
    wire.publish(new Expired(id, Instant.now(), new Reason("deadline-passed", "passed")));
    await(() -> has("bob", "answer", Status.ACCEPTED));

    // Who was not asked is not told how it ended either.
    assertEquals(0, mails("alice@acme.example").size());
    assertEquals(0, mails("carol@acme.example").size());
    assertEquals(1, count("message", "step = 'ask'"));
    assertEquals(1, count("message", "step = 'answer'"));
  }

  @Test
  void whereATicketIsToReachNobodyNobodyGetsAMail() throws Exception {
    wire.publish(reaching(opened("alice", "bob"), List.of()));
    wire.publish(new Expired(id, Instant.now(), new Reason("deadline-passed", "passed")));
    barrier();

    assertEquals(1, count("thread", "title is not null and answer is not null"));
    assertEquals(0, count("message", "true"));
  }

  private TicketOpened reaching(TicketOpened all, List<String> prompted) {
    return new TicketOpened(
        id,
        all.at(),
        all.card(),
        all.promptDigest(),
        all.requirement(),
        all.approvers(),
        all.expiresAt(),
        null,
        all.link(),
        prompted);
  }

  @Test
  void theTraceGoesOnFromTheTicket() throws Exception {
    wire.publish(opened("alice"));
    await(() -> has("alice", "ask", Status.ACCEPTED));
    for (ConsumerRecord<byte[], byte[]> each : wire.about(id, Topics.NOTIFICATION, 1)) {
      assertTrue(Wire.header(each, "traceparent").startsWith(Wire.TRACE.substring(0, 35)));
    }
  }

  @Test
  void redeliveryIsNoSecondMail() throws Exception {
    wire.publish(opened("alice"));
    wire.publish(opened("alice"));
    await(() -> has("alice", "ask", Status.ACCEPTED));
    wire.publish(opened("alice"));
    wire.publish(decided(Decision.Outcome.REJECTED));
    wire.publish(decided(Decision.Outcome.REJECTED));
    await(() -> has("alice", "answer", Status.ACCEPTED));
    // What comes after all of these has been handled after them: a topic of one key is in order.
    wire.publish(opened("alice"));
    barrier();

    assertEquals(2, mails("alice@acme.example").size());
  }

  @Test
  void theAnswerFollowsInTheSameThread() throws Exception {
    wire.publish(opened("alice", "erin"));
    await(() -> has("alice", "ask", Status.ACCEPTED) && has("erin", "ask", Status.FAILED));
    wire.publish(decided(Decision.Outcome.APPROVED));

    await(() -> has("alice", "answer", Status.ACCEPTED));
    List<MimeMessage> mails = mails("alice@acme.example");
    assertEquals(2, mails.size());
    MimeMessage answer = mails.get(1);
    assertEquals(mails.getFirst().getMessageID(), answer.getHeader("In-Reply-To", null));
    assertEquals(mails.getFirst().getMessageID(), answer.getHeader("References", null));
    assertEquals("Re: " + mails.getFirst().getSubject(), answer.getSubject());
    assertTrue(body(answer, 0).startsWith("Approved."), body(answer, 0));
    assertTrue(body(answer, 1).contains("Approved"));
    assertFalse(has("erin", "answer", Status.QUEUED), "who got no question gets no answer");
  }

  @Test
  void anExpiryIsAnAnswerToo() throws Exception {
    wire.publish(opened("bob"));
    await(() -> has("bob", "ask", Status.ACCEPTED));
    wire.publish(new Expired(id, Instant.now(), new Reason("deadline", "the deadline passed")));
    await(() -> has("bob", "answer", Status.ACCEPTED));
    assertTrue(body(mails("bob@acme.example").get(1), 0).startsWith("Expired."));
  }

  /// It is a cancellation on its topic, and nobody took anything back.
  @Test
  void whatARestoreEndedIsNotSaidToBeTakenBack() throws Exception {
    wire.publish(opened("alice"));
    await(() -> has("alice", "ask", Status.ACCEPTED));
    wire.publish(
        new Decision(
            id,
            Instant.now(),
            Decision.Outcome.CANCELLED,
            null,
            new Reason(Reason.RESTORED, "four-eyes-note"),
            DIGEST,
            null,
            null,
            List.of()));
    await(() -> has("alice", "answer", Status.ACCEPTED));
    MimeMessage answer = mails("alice@acme.example").get(1);
    assertTrue(body(answer, 0).startsWith("Void. The system was put back"), body(answer, 0));
    assertFalse(body(answer, 0).contains("taken back"), body(answer, 0));
    assertTrue(body(answer, 1).contains("<p class=\"no\""), body(answer, 1));
  }

  /// Invariant 11. The decision and the requirement hold the agent's parameters and people's words;
  /// none of them may show.
  @Test
  void aMailSaysNothingButWhatTheCardSays() throws Exception {
    wire.publish(opened("alice"));
    await(() -> has("alice", "ask", Status.ACCEPTED));
    wire.publish(decided(Decision.Outcome.APPROVED));
    await(() -> has("alice", "answer", Status.ACCEPTED));
    List<MimeMessage> mails = mails("alice@acme.example");
    assertEquals(2, mails.size());
    for (MimeMessage mail : mails) {
      String whole =
          GreenMailUtil.getWholeMessage(mail) + body(mail, 0) + body(mail, 1) + mail.getSubject();
      for (String secret :
          List.of(
              "DE89",
              "iban",
              "billing-bot",
              "wire_transfer",
              "four-eyes-note",
              "finance",
              "eyJhbGciOi",
              "sha256:",
              "attested")) {
        assertFalse(whole.contains(secret), secret);
      }
      assertFalse(body(mail, 1).contains("<form"));
      assertEquals(2, body(mail, 1).split("href=", -1).length - 1, "the one link, twice");
    }
  }

  @Test
  void markupInATitleStaysText() throws Exception {
    wire.publish(
        opened(
            List.of("alice"),
            List.of("mail"),
            "<img src=x onerror=alert(1)> & Co.",
            Instant.now().plusSeconds(600)));
    await(() -> has("alice", "ask", Status.ACCEPTED));
    String html = body(theMail("alice@acme.example"), 1);
    assertFalse(html.contains("<img"));
    assertTrue(html.contains("&lt;img src=x onerror=alert(1)&gt; &amp; Co."), html);
  }

  @Test
  void anAnswerThatComesBeforeItsQuestionLeavesNobodyAsked() throws Exception {
    wire.publish(decided(Decision.Outcome.CANCELLED));
    await(() -> count("thread", "answer = 'cancelled'") == 1);
    wire.publish(opened("alice"));
    await(() -> count("thread", "title is not null") == 1);

    assertEquals(0, count("message", "true"));
    assertEquals(List.of(), mails("alice@acme.example"));
  }

  @Test
  void whatPolicyDecidedAtOnceIsNobodysMail() throws Exception {
    wire.publish(
        new Decision(
            id,
            Instant.now(),
            Decision.Outcome.DENIED,
            Decision.Basis.POLICY,
            new Reason("rule", "no"),
            DIGEST,
            null,
            null,
            List.of()));
    barrier();
    assertEquals(0, count("thread", "true"));
  }

  @Test
  void whatASessionsTrustAnsweredIsNobodysMail() throws Exception {
    Decision approved = decided(Decision.Outcome.APPROVED);
    wire.publish(
        new Decision(
            id,
            approved.at(),
            approved.outcome(),
            Decision.Basis.TRUST,
            approved.reason(),
            DIGEST,
            approved.action(),
            approved.grant(),
            approved.attestations()));
    barrier();
    assertEquals(0, count("thread", "true"));
  }

  @Test
  void aServerThatIsDownIsTriedAgain() throws Exception {
    MailServer.line().down();
    wire.publish(opened("alice", "bob"));
    await(() -> count("message", "attempt > 0 and state = 'queued'") == 2);
    assertEquals(List.of(), mails("alice@acme.example"));

    MailServer.line().up();
    await(() -> has("alice", "ask", Status.ACCEPTED) && has("bob", "ask", Status.ACCEPTED));
    assertEquals(1, mails("alice@acme.example").size());
    assertEquals(4, notifications().size(), "a retry is no news");
  }

  /// Each letter is tried, so each place was given back.
  @ParameterizedTest
  @EnumSource(
      names = {"ANSWERS", "NO_RECEIPT"},
      mode = EnumSource.Mode.EXCLUDE)
  void whatAServerHangsOrRefusesBeforeAMailIsBegunIsTriedAgainAndKeepsNoPlace(SmtpLine.Mood mood)
      throws Exception {
    // Whoever was connected has to be greeted anew.
    MailServer.line().turns(mood);
    MailServer.line().hangUp();
    List<ActionId> letters = moreThanPlaces();
    await(() -> messages(letters, "attempt > 0") == letters.size());
    MailServer.line().up();

    await(() -> messages(letters, "step = 'ask' and state = 'accepted'") == letters.size());
    MailServer.line().awaitHeld(0);
    for (ActionId each : letters) {
      assertEquals(1, MailServer.mails(each.toString(), "alice@acme.example").size());
    }
    assertEquals(letters.size(), messages(letters, "true"), "none is in doubt");
  }

  @Test
  void whatAServerTakesWithoutAWordIsInDoubtAndKeepsNoPlace() throws Exception {
    MailServer.line().turns(SmtpLine.Mood.NO_RECEIPT);
    List<ActionId> letters = moreThanPlaces();
    await(() -> messages(letters, "step = 'ask' and reason = 'in-doubt'") == letters.size());
    MailServer.line().up();

    await(() -> messages(letters, "state in ('accepted', 'failed')") == 2L * letters.size());
    MailServer.line().awaitHeld(0);
    for (ActionId each : letters) {
      List<MimeMessage> mails = MailServer.mails(each.toString(), "alice@acme.example");
      assertEquals(2, mails.size());
      assertEquals("ask", mails.getFirst().getHeader("X-Countersign-Step", null));
      assertEquals("reminder", mails.get(1).getHeader("X-Countersign-Step", null));
    }
  }

  private List<ActionId> moreThanPlaces() {
    List<ActionId> letters = Stream.generate(NotifierTest::some).limit(connections + 4).toList();
    wire.publishAll(letters.stream().<Event>map(each -> about(each, "alice")).toList());
    return letters;
  }

  /// How many messages about these meet a condition.
  private long messages(List<ActionId> about, String condition) throws Exception {
    return number(
        "select count(*) from message where action_id in (%s) and %s"
            .formatted(ids(about), condition));
  }

  private static String ids(List<ActionId> actions) {
    return actions.stream().map("'%s'"::formatted).collect(Collectors.joining(","));
  }

  @Test
  void anAnswerTakesBackTheQuestionThatIsStillQueued() throws Exception {
    MailServer.line().down();
    wire.publish(opened("alice"));
    await(() -> count("message", "attempt > 0 and state = 'queued'") == 1);
    // Until after this test: a try that fails once the answer is there takes it back, too.
    await(() -> {
      update(
          "update message set next_attempt_at = expires_at where state = 'queued' and action_id = '%s'"
              .formatted(id));
      return count("message", "state = 'queued' and next_attempt_at = expires_at") == 1;
    });
    MailServer.line().up();
    wire.publish(decided(Decision.Outcome.CANCELLED));
    await(() -> has("alice", "ask", Status.FAILED));
    assertEquals("answered-first", reason("alice", "ask"));

    barrier();
    assertEquals(List.of(), mails("alice@acme.example"));
  }

  @Test
  void afterTheDeadlineNobodyIsAsked() throws Exception {
    wire.publish(opened(List.of("alice"), List.of("mail"), "Late", Instant.now().minusSeconds(1)));
    await(() -> has("alice", "ask", Status.FAILED));
    assertEquals("too-late", reason("alice", "ask"));
    assertEquals(List.of(), mails("alice@acme.example"));
  }

  @Test
  void aRecipientWhomTheServerRefusesIsReportedAndTheOthersAreServed() throws Exception {
    wire.publish(opened("mallory", "alice"));
    await(() -> has("mallory", "ask", Status.FAILED) && has("alice", "ask", Status.ACCEPTED));
    assertEquals("refused-by-server", reason("mallory", "ask"));
    Reason told = notification("mallory", "ask", Status.FAILED).reason();
    assertFalse(String.valueOf(told).contains("acme.example"), "no address on the topic");
  }

  @ParameterizedTest
  @ValueSource(strings = {"MAIL FROM:", "RCPT TO:", "DATA", "."})
  void aMailThatTheServerRefusesIsNotOfferedAgain(String step) throws Exception {
    MailServer.line().refuses(step);
    wire.publish(opened("alice"));
    await(() -> has("alice", "ask", Status.FAILED));
    assertEquals("refused-by-server", reason("alice", "ask"));
    assertEquals(List.of(), mails("alice@acme.example"));
  }

  /// More connections are kept than the client tries for one mail.
  @Test
  void aServerThatRefusesEveryKeptConnectionHasNotRefusedTheMail() throws Exception {
    List<ActionId> letters = moreThanPlaces();
    await(() -> messages(letters, "state = 'accepted'") == letters.size());
    MailServer.line().refuses("RSET");
    wire.publish(opened("alice"));
    await(() -> has("alice", "ask", Status.ACCEPTED));
    assertEquals(1, count("message", "attempt > 1"));
  }

  @Test
  void anApproverWithoutAnAddressIsReported() throws Exception {
    wire.publish(opened("erin"));
    await(() -> has("erin", "ask", Status.FAILED));
    assertEquals("no-address", reason("erin", "ask"));
  }

  @Test
  void overAChannelThatIsNotThereNobodyIsAsked() throws Exception {
    wire.publish(
        opened(List.of("alice"), List.of("slack"), "Title", Instant.now().plusSeconds(600)));
    await(() -> has("alice", "ask", Status.FAILED));
    assertEquals("channel-not-available", reason("alice", "ask"));
    assertEquals("slack", notification("alice", "ask", Status.FAILED).channel());
    assertEquals(List.of(), mails("alice@acme.example"));
  }

  /// Invariant 12. The server took the mail, and we never heard so.
  @Test
  void aMailWhoseEndNobodySawIsNotSentAgainButReminded() throws Exception {
    MailServer.line().cutAfterDataTo("carol@acme.example");
    wire.publish(opened("carol"));

    await(() -> has("carol", "reminder", Status.ACCEPTED));
    assertEquals("in-doubt", reason("carol", "ask"));
    List<MimeMessage> mails = mails("carol@acme.example");
    assertEquals(2, mails.size());
    assertEquals("Approval needed: Send EUR 48,200.00 [7F-KQ]", mails.getFirst().getSubject());
    assertEquals("Reminder: " + mails.getFirst().getSubject(), mails.get(1).getSubject());
    assertEquals(mails.getFirst().getMessageID(), mails.get(1).getHeader("In-Reply-To", null));

    wire.publish(decided(Decision.Outcome.REJECTED));
    await(() -> has("carol", "answer", Status.ACCEPTED));
    assertEquals(3, mails("carol@acme.example").size(), "one answer, not one for each");
  }

  /// Invariant 12. The process that was sending it was killed.
  @Test
  void whatADeadInstanceWasSendingIsInDoubtOnceItsLeaseRanOut() throws Exception {
    MailServer.line().down();
    wire.publish(opened("alice"));
    await(() -> count("message", "attempt > 0 and state = 'queued'") == 1);
    update(
        "update message set state = 'sending', instance = 'dead', lease_until = now()"
            + " where action_id = '"
            + id
            + "'");
    MailServer.line().up();

    await(() -> has("alice", "reminder", Status.ACCEPTED));
    assertEquals("in-doubt", reason("alice", "ask"));
    assertTrue(theMail("alice@acme.example").getSubject().startsWith("Reminder: "));
  }

  /// The connection to the database broke over the claim's commit: it was sent by nobody.
  @Test
  void whatWasClaimedAndNeverHeardOfIsSentAfterAll() throws Exception {
    MailServer.line().down();
    wire.publish(opened("alice"));
    await(() -> count("message", "attempt > 0 and state = 'queued'") == 1);
    update(
        "update message set state = 'sending', lease_until = now() + interval '1 hour'"
            + " where state = 'queued' and action_id = '"
            + id
            + "'");
    assertEquals(1, count("message", "lease_until > now() + interval '30 minutes'"));
    MailServer.line().up();

    await(() -> has("alice", "ask", Status.ACCEPTED));
    assertTrue(theMail("alice@acme.example").getSubject().startsWith("Approval needed: "));
  }

  @Test
  void aQuestionDoesNotWaitForTheAnswersBeforeIt() throws Exception {
    List<ActionId> others = Stream.generate(NotifierTest::some).limit(100).toList();
    List<ActionId> all = Stream.concat(others.stream(), Stream.of(id)).toList();
    wire.publishAll(others.stream().<Event>map(other -> about(other, "alice")).toList());
    await(() -> messages(others, "state = 'accepted'") == others.size());
    MailServer.line().down();
    wire.publishAll(
        others.stream().<Event>map(other -> decided(other, Decision.Outcome.REJECTED)).toList());
    wire.publish(opened("alice"));
    String queued = " where state = 'queued' and action_id in (%s)".formatted(ids(all));
    await(() -> {
      update("update message set next_attempt_at = expires_at" + queued);
      return messages(all, "state = 'queued' and next_attempt_at = expires_at") == all.size();
    });
    MailServer.line().up();

    // All are due from one commit on, and the question is the last.
    update(
        "update message set next_attempt_at = now() - case step when 'ask' then interval '0'"
            + " else interval '1 minute' end"
            + queued);
    await(() -> has("alice", "ask", Status.ACCEPTED));
    await(() -> messages(others, "step = 'answer' and state = 'accepted'") == others.size());

    Set<String> answered = others.stream().map(ActionId::toString).collect(Collectors.toSet());
    int before = 0;
    for (MimeMessage mail :
        MailServer.server().getReceivedMessagesForDomain("alice@acme.example")) {
      if (id.toString().equals(mail.getHeader("X-Countersign-Action", null))) {
        break;
      }
      if ("answer".equals(mail.getHeader("X-Countersign-Step", null))
          && answered.contains(mail.getHeader("X-Countersign-Action", null))) {
        before++;
      }
    }
    assertTrue(before < 50, () -> "the question came after half of the answers");
  }

  @Test
  void ofASetEachApproverGetsOneMailAndOneAnswerWhenAllOfItHasOne() throws Exception {
    List<ActionId> members = List.of(id, some(), some());
    for (ActionId each : members) {
      wire.publish(member(each, "set-" + id, "alice", "bob"));
    }
    // All of it that is known: else two answers were the whole set's.
    await(() -> known("set-" + id) == members.size());
    await(() -> sent("alice", "ask") == 1 && sent("bob", "ask") == 1);
    wire.publish(decided(members.get(0), Decision.Outcome.APPROVED));
    wire.publish(decided(members.get(1), Decision.Outcome.REJECTED));
    barrier();
    assertEquals(0, ofTheSet("recipient = 'alice' and step = 'answer'"), "one is open still");
    wire.publish(decided(members.get(2), Decision.Outcome.APPROVED));
    await(() -> sent("alice", "answer") == 1 && sent("bob", "answer") == 1);
    barrier();
    assertEquals(4, ofTheSet("true"), "one ask and one answer to each");

    List<MimeMessage> mails = new ArrayList<>();
    for (ActionId each : members) {
      mails.addAll(MailServer.mails(each.toString(), "alice@acme.example"));
    }
    assertEquals(2, mails.size());
    for (int part = 0; part < 2; part++) {
      String ask = body(mails.getFirst(), part);
      assertTrue(ask.contains("It is one of 3 that belong together"), ask);
      String answer = body(mails.get(1), part);
      assertTrue(answer.contains("2 approved, 1 rejected"), answer);
    }
  }

  @Test
  void ofASetThatComesAtOnceTheMailIsAboutWhatEndsFirst() throws Exception {
    // On one partition, and the later has the lower id: so that the other is not taken for its id.
    List<ActionId> ids =
        Stream.generate(() -> wire.onEachPartition(Topics.TICKET_OPENED).getFirst())
            .limit(2)
            .sorted(Comparator.comparing(ActionId::toString))
            .toList();
    ActionId sooner = ids.getLast();
    ActionId later = ids.getFirst();
    Instant now = Instant.now();
    wire.publishAll(
        List.of(
            member(sooner, "set-" + id, now.plusSeconds(600), "alice"),
            member(later, "set-" + id, now.plusSeconds(1200), "alice")));
    await(() -> known("set-" + id) == 2 && sent("alice", "ask") == 1);
    barrier();
    assertEquals(1, MailServer.mails(sooner.toString(), "alice@acme.example").size());
    assertEquals(0, MailServer.mails(later.toString(), "alice@acme.example").size());
  }

  @Test
  void whereTheTicketThatASetIsAskedByEndsUnsentTheNextOfTheSetIsAskedAboutAtOnce()
      throws Exception {
    MailServer.line().down();
    ActionId second = some();
    ActionId third = some();
    wire.publish(member(id, "set-" + id, "alice", "bob"));
    await(() -> count("message", "attempt > 0 and state = 'queued'") == 2);
    wire.publish(member(second, "set-" + id, "alice"));
    wire.publish(member(third, "set-" + id, "alice", "bob"));
    // They have keys and so partitions of their own: nothing but this orders them.
    await(() -> known("set-" + id) == 3);
    wire.publish(new Expired(id, Instant.now(), new Reason("deadline-passed", "passed")));
    await(() -> ofTheSet("step = 'ask' and reason = 'answered-first'") == 2);
    // Bob may not answer the second, so it is the third that asks him.
    await(() -> ofTheSet("step = 'ask' and state in ('queued', 'sending')") == 2);
    // It ends as unsent as the first, and the third asks Alice too.
    wire.publish(decided(second, Decision.Outcome.CANCELLED));
    await(() -> ofTheSet("step = 'ask' and reason = 'answered-first'") == 3);
    MailServer.line().up();
    await(() -> sent("alice", "ask") == 1 && sent("bob", "ask") == 1);
    barrier();
    for (String who : List.of("alice", "bob")) {
      assertEquals(1, MailServer.mails(third.toString(), who + "@acme.example").size());
      for (ActionId each : List.of(id, second)) {
        assertEquals(0, MailServer.mails(each.toString(), who + "@acme.example").size());
      }
    }
    wire.publish(decided(third, Decision.Outcome.APPROVED));
    await(() -> sent("alice", "answer") == 1 && sent("bob", "answer") == 1);
  }

  @Test
  void whatWasAnsweredAndToldOfBeforeDoesNotKeepTheNextOfTheSetFromBeingAskedAbout()
      throws Exception {
    ActionId earlier = some();
    ActionId third = some();
    wire.publish(member(earlier, "set-" + id, "alice"));
    await(() -> sent("alice", "ask") == 1);
    wire.publish(decided(earlier, Decision.Outcome.APPROVED));
    await(() -> sent("alice", "answer") == 1);
    MailServer.line().down();
    wire.publish(member(id, "set-" + id, "alice"));
    await(() -> count("message", "attempt > 0 and state = 'queued'") == 1);
    wire.publish(member(third, "set-" + id, "alice"));
    await(() -> known("set-" + id) == 3);
    wire.publish(new Expired(id, Instant.now(), new Reason("deadline-passed", "passed")));
    await(() -> count("message", "reason = 'answered-first'") == 1);
    MailServer.line().up();

    await(() -> sent("alice", "ask") == 2);
    assertEquals(1, MailServer.mails(third.toString(), "alice@acme.example").size());
  }

  /// Joins a set whose mail is in doubt, and whose reminder was tried.
  private ActionId joinedInDoubt() throws Exception {
    ActionId second = some();
    theMailOfASetIsInDoubt("now()");
    await(() -> count("message", "step = 'reminder' and attempt > 0 and state = 'queued'") == 1);
    wire.publish(member(second, "set-" + id, "alice"));
    await(() -> known("set-" + id) == 2);
    return second;
  }

  @Test
  void whereTheReminderEndsUnsentAsItsTicketIsAnsweredTheNextOfTheSetIsAskedAbout()
      throws Exception {
    ActionId second = joinedInDoubt();
    wire.publish(decided(Decision.Outcome.REJECTED));
    await(() -> has("alice", "reminder", Status.FAILED));
    assertEquals("answered-first", reason("alice", "reminder"));
    MailServer.line().up();

    await(() -> sent("alice", "ask") == 1);
    barrier();
    assertEquals(List.of(), mails("alice@acme.example"));
    assertEquals(1, MailServer.mails(second.toString(), "alice@acme.example").size());
    wire.publish(decided(second, Decision.Outcome.APPROVED));
    await(() -> sent("alice", "answer") == 2);
  }

  /// So too where the server put the reminder off after the answer had come.
  @Test
  void whereTheReminderIsPutOffAfterItsTicketWasAnsweredTheNextOfTheSetIsAskedAbout()
      throws Exception {
    ActionId second = joinedInDoubt();
    // Under way, until it is noticed that nobody sends it.
    update(
        "with answered as (update thread set answer = 'rejected' where action_id = '%s')"
                .formatted(id)
            + " update message set state = 'sending', lease_until = now() + interval '1 hour'"
            + " where step = 'reminder' and state = 'queued' and action_id = '%s'".formatted(id));
    MailServer.line().up();

    await(() -> sent("alice", "ask") == 1);
    assertEquals("answered-first", reason("alice", "reminder"));
    assertEquals(1, MailServer.mails(second.toString(), "alice@acme.example").size());
  }

  @Test
  void whatIsInDoubtOnceItsTicketIsAnsweredIsNoMoreRemindedOfButTheNextOfTheSetAskedAbout()
      throws Exception {
    ActionId second = some();
    theMailOfASetIsInDoubt("now() + interval '1 hour'");
    wire.publish(member(second, "set-" + id, "alice"));
    await(() -> known("set-" + id) == 2);
    wire.publish(decided(Decision.Outcome.APPROVED));
    await(() -> count("thread", "answer is not null") == 1);
    assertEquals(0, ofTheSet("step = 'ask' and state <> 'sending'"), "it may still arrive");
    MailServer.line().up();
    update("update message set lease_until = now() where action_id = '%s'".formatted(id));

    await(() -> sent("alice", "ask") == 1);
    assertEquals(0, ofTheSet("step = 'reminder'"));
    assertEquals(1, MailServer.mails(second.toString(), "alice@acme.example").size());
  }

  @Test
  void whomAMailInDoubtMayHaveMissedIsAskedByWhatJoinsTheSet() throws Exception {
    theMailOfASetIsInDoubt("now()");
    await(() -> count("message", "step = 'reminder' and attempt > 0 and state = 'queued'") == 1);
    // Alice may not answer it, so it does not ask her.
    wire.publish(member(some(), "set-" + id, "bob"));
    await(() -> known("set-" + id) == 2);
    wire.publish(decided(Decision.Outcome.REJECTED));
    await(() -> has("alice", "reminder", Status.FAILED));
    MailServer.line().up();
    wire.publish(member(some(), "set-" + id, "alice"));

    await(() -> sent("alice", "ask") == 1);
  }

  /// The process died that was sending the mail about this test's ticket to Alice, and the server
  /// is down.
  private void theMailOfASetIsInDoubt(String lapses) throws Exception {
    MailServer.line().down();
    wire.publish(member(id, "set-" + id, "alice"));
    await(() -> count("message", "attempt > 0 and state = 'queued'") == 1);
    update(
        "update message set state = 'sending', instance = 'dead', lease_until = %s"
                .formatted(lapses)
            + " where action_id = '%s'".formatted(id));
  }

  @Test
  void aTicketThatComesAgainForOthersReachesThoseToo() throws Exception {
    // Both in one batch: the second is no copy of the first.
    wire.publishAll(
        List.of(
            reaching(opened("alice", "bob", "carol"), List.of()),
            reaching(opened("alice", "bob", "carol"), List.of("bob"))));
    await(() -> has("bob", "ask", Status.ACCEPTED));
    wire.publish(reaching(opened("alice", "bob", "carol"), List.of("bob", "alice")));
    await(() -> has("alice", "ask", Status.ACCEPTED));
    wire.publish(decided(Decision.Outcome.APPROVED));
    await(() -> has("bob", "answer", Status.ACCEPTED) && has("alice", "answer", Status.ACCEPTED));
    wire.publish(reaching(opened("alice", "bob", "carol"), List.of("carol")));
    barrier();
    assertEquals(2, mails("bob@acme.example").size(), "one ask and one answer");
    assertEquals(2, mails("alice@acme.example").size());
    assertEquals(0, mails("carol@acme.example").size(), "it has its answer");
  }

  @Test
  void whatJoinsASetAfterItsAnswerIsAskedAnew() throws Exception {
    ActionId late = some();
    wire.publish(member(id, "set-" + id, "alice"));
    await(() -> sent("alice", "ask") == 1);
    wire.publish(decided(Decision.Outcome.APPROVED));
    await(() -> sent("alice", "answer") == 1);
    wire.publish(member(late, "set-" + id, "alice"));
    await(() -> sent("alice", "ask") == 2);
    wire.publish(decided(late, Decision.Outcome.APPROVED));
    await(() -> sent("alice", "answer") == 2);
  }

  @Test
  void whatJoinsASetBeforeItsAnswerWasToldIsAskedAnew() throws Exception {
    ActionId late = some();
    wire.publish(member(id, "set-" + id, "alice", "bob"));
    await(() -> sent("alice", "ask") == 1 && sent("bob", "ask") == 1);
    wire.publish(decided(Decision.Outcome.APPROVED));
    await(() -> sent("alice", "answer") == 1 && sent("bob", "answer") == 1);
    try (Connection holder = database.getConnection();
        Statement hold = holder.createStatement()) {
      holder.setAutoCommit(false);
      hold.execute("select 1 from thread where action_id = '" + id + "' for no key update");
      nobodyWasToldYet();
      wire.publish(member(late, "set-" + id, "alice"));
      await(() -> sent("alice", "ask") == 2);
      assertEquals(1, count("untold", "true"), "its row is held");
      assertEquals(0, ofTheSet("step = 'answer'"));
      holder.rollback();
    }
    // It had ended, though one of the set is open again; and that bob is asked no more than once
    // about what has its answer does not keep the next from him.
    await(() -> sent("alice", "answer") == 1 && sent("bob", "answer") == 1);
    assertEquals(0, count("untold", "true"));
    wire.publish(member(some(), "set-" + id, "bob"));
    await(() -> sent("bob", "ask") == 2);
    wire.publish(decided(late, Decision.Outcome.APPROVED));
    barrier();
    assertEquals(2, ofTheSet("step = 'answer'"), "one of the set is open still");
  }

  /// The process died between the answer and its telling.
  @Test
  void whatEndedAndNobodyWasToldOfIsToldAfterAll() throws Exception {
    wire.publish(opened("alice"));
    await(() -> has("alice", "ask", Status.ACCEPTED));
    wire.publish(decided(Decision.Outcome.REJECTED));
    await(() -> count("message", "step = 'answer' and state = 'accepted'") == 1);
    nobodyWasToldYet();

    await(() -> count("message", "step = 'answer' and state = 'accepted'") == 1);
    assertEquals(0, count("untold", "true"));
  }

  private void nobodyWasToldYet() throws Exception {
    update(
        "with told as (delete from message where step = 'answer' and action_id = '%s')"
                .formatted(id)
            + " insert into untold (action_id) values ('%s')".formatted(id));
  }

  @Test
  void inWhateverOrderASetComesNobodyIsMailedTwice() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ActionId member = i == 0 ? id : some();
      events.add(member(member, "set-" + id, "alice", "bob"));
      events.add(decided(member, Decision.Outcome.CANCELLED));
      events.add(member(member, "set-" + id, "alice", "bob"));
    }
    Collections.shuffle(events, random);
    wire.publishAll(events);
    barrier();
    for (String each : List.of("alice", "bob")) {
      String live = "recipient = '%s' and step = 'ask' and state <> 'failed'".formatted(each);
      String told = "recipient = '%s' and step = 'answer'".formatted(each);
      // Anew only where all that was known had its answer and the person was told.
      await(() -> ofTheSet(live) == ofTheSet(told));
      assertEquals(
          0,
          ofTheSet(
              "step = 'answer' and exists (select 1 from thread o where o.set_id = t.set_id"
                  + " and o.title is not null and o.answer is null)"),
          "seed " + seed);
    }
  }

  private static ActionId some() {
    return new ActionId(UUID.randomUUID());
  }

  private TicketOpened member(ActionId member, String set, String... approvers) {
    return member(member, set, Instant.now().plusSeconds(600), approvers);
  }

  private TicketOpened member(ActionId member, String set, Instant expiresAt, String... approvers) {
    TicketOpened alone = opened(List.of(approvers), List.of("mail"), TITLE, expiresAt);
    return new TicketOpened(
        member,
        alone.at(),
        alone.card(),
        alone.promptDigest(),
        alone.requirement(),
        alone.approvers(),
        alone.expiresAt(),
        "batch",
        URI.create("http://localhost:8082/tickets/" + member),
        null,
        new TicketOpened.Set(set, 3));
  }

  private long sent(String recipient, String step) throws Exception {
    return ofTheSet(
        "recipient = '%s' and step = '%s' and state = 'accepted'".formatted(recipient, step));
  }

  /// How many messages about the set that this test's ticket is of meet a condition.
  private long ofTheSet(String condition) throws Exception {
    return number(
        "select count(*) from message m join thread t on t.action_id = m.action_id"
            + " where t.set_id = 'set-%s' and %s".formatted(id, condition));
  }

  /// How many tickets of a set have arrived.
  private long known(String set) throws Exception {
    return number("select count(*) from thread where set_id = '%s'".formatted(set));
  }

  @Test
  void whatStillWaitsAtAStepOfTheLadderIsToldOnceMoreToThoseOfItsGroupsWhoWereAsked()
      throws Exception {
    wire.publish(
        withLadder(
            reaching(opened("alice", "bob", "olga"), List.of("alice", "olga")),
            new Escalation(0.5, List.of("finance"), List.of("mail"))));
    await(() -> has("alice", "ask", Status.ACCEPTED) && has("olga", "ask", Status.ACCEPTED));
    // Half of ten minutes; a second more or less is what the test itself takes.
    assertEquals(1, count("escalation", "due_at between now() + '280 s' and now() + '301 s'"));
    assertEquals(1, mails("alice@acme.example").size());
    theStepsAreDue();
    await(() -> has("alice", "escalation-1", Status.ACCEPTED));
    wire.publish(new Expired(id, Instant.now(), new Reason("deadline-passed", "passed")));
    await(() -> has("alice", "answer", Status.ACCEPTED) && has("olga", "answer", Status.ACCEPTED));

    List<MimeMessage> mails = mails("alice@acme.example");
    assertEquals(3, mails.size());
    MimeMessage again = mails.get(1);
    assertEquals("Still waiting: Approval needed: Send EUR 48,200.00 [7F-KQ]", again.getSubject());
    assertEquals(mails.getFirst().getMessageID(), again.getHeader("In-Reply-To", null));
    for (int part = 0; part < 2; part++) {
      String body = body(again, part);
      assertTrue(body.contains("it still waits"), body);
      assertTrue(body.contains("http://localhost:8082/tickets/" + id), body);
    }
    assertEquals(
        List.of(Status.ESCALATED, Status.ACCEPTED),
        notifications().stream()
            .filter(each -> each.step().equals("escalation-1"))
            .map(Notification::status)
            .toList());
    // Olga is not of the group, and nobody had asked Bob.
    assertEquals(2, mails("olga@acme.example").size());
    assertEquals(0, mails("bob@acme.example").size());
    assertEquals(0, count("escalation", "true"));
  }

  @Test
  void ofSeveralStepsThatAreDueTheLastIsTaken() throws Exception {
    wire.publish(
        withLadder(
            opened("bob"),
            new Escalation(0.5, List.of(), List.of()),
            new Escalation(0.75, List.of(), List.of())));
    await(() -> has("bob", "ask", Status.ACCEPTED));
    theStepsAreDue();
    await(() -> has("bob", "escalation-2", Status.ACCEPTED));

    assertEquals(0, count("message", "step = 'escalation-1'"));
    assertEquals(0, count("escalation", "true"));
  }

  @Test
  void whatHasItsAnswerIsToldOfAsAnsweredAndNotAsWaiting() throws Exception {
    wire.publish(withLadder(opened("bob"), new Escalation(0.5, List.of(), List.of())));
    await(() -> has("bob", "ask", Status.ACCEPTED));
    wire.publish(new Expired(id, Instant.now(), new Reason("deadline-passed", "passed")));
    await(() -> has("bob", "answer", Status.ACCEPTED));
    theStepsAreDue();
    await(() -> count("escalation", "true") == 0);

    assertEquals(0, count("message", "step not in ('ask', 'answer')"));
  }

  @Test
  void whoNeverGotTheQuestionIsNotToldThatItStillWaits() throws Exception {
    wire.publish(withLadder(opened("bob", "erin"), new Escalation(0.5, List.of(), List.of())));
    await(() -> has("bob", "ask", Status.ACCEPTED) && has("erin", "ask", Status.FAILED));
    theStepsAreDue();
    await(() -> has("bob", "escalation-1", Status.ACCEPTED));

    assertEquals(0, count("message", "recipient = 'erin' and step <> 'ask'"));
  }

  @Test
  void aStepOverAChannelThatIsNotThereIsReported() throws Exception {
    wire.publish(withLadder(opened("bob"), new Escalation(0.5, List.of(), List.of("pager"))));
    await(() -> has("bob", "ask", Status.ACCEPTED));
    theStepsAreDue();
    await(() -> has("bob", "escalation-1", Status.FAILED));

    assertEquals("channel-not-available", reason("bob", "escalation-1"));
    assertEquals(1, mails("bob@acme.example").size());
  }

  @Test
  void ofASetEachIsToldOnceThatItStillWaitsInTheThreadOfTheQuestion() throws Exception {
    String set = UUID.randomUUID().toString();
    // The lower id, so that it is not for its id that the first is taken.
    ActionId other = new ActionId(new UUID(0, id.value().getLeastSignificantBits()));
    Escalation half = new Escalation(0.5, List.of(), List.of());
    wire.publish(withLadder(member(id, set, "bob"), half));
    await(() -> has("bob", "ask", Status.ACCEPTED));
    wire.publish(withLadder(member(other, set, "bob"), half));
    String both = "action_id in ('%s', '%s')".formatted(id, other);
    await(() -> number("select count(*) from escalation where " + both) == 2);
    update("update escalation set due_at = now() where " + both);
    await(() -> has("bob", "escalation-1", Status.ACCEPTED));
    for (ActionId each : List.of(id, other)) {
      wire.publish(new Expired(each, Instant.now(), new Reason("deadline-passed", "passed")));
    }
    await(() -> has("bob", "answer", Status.ACCEPTED));

    assertEquals(0, number("select count(*) from escalation where " + both));
    assertEquals(
        List.of("ask", "escalation-1", "answer"),
        mails("bob@acme.example").stream().map(NotifierTest::step).toList());
    assertEquals(3, number("select count(*) from message where " + both));
  }

  @Test
  void ofASetOneStepIsEnoughWhileItsTicketIsOpenAndTheNextHasItsOwnAfterwards() throws Exception {
    String set = UUID.randomUUID().toString();
    ActionId other = some();
    ActionId third = some();
    Escalation half = new Escalation(0.5, List.of(), List.of());
    wire.publish(withLadder(member(id, set, "bob"), half));
    await(() -> has("bob", "ask", Status.ACCEPTED));
    wire.publish(withLadder(member(other, set, "bob"), half));
    wire.publish(withLadder(member(third, set, "bob"), half));
    String all = "action_id in ('%s', '%s', '%s')".formatted(id, other, third);
    await(() -> number("select count(*) from escalation where " + all) == 3);
    theStepsAreDue();
    await(() -> has("bob", "escalation-1", Status.ACCEPTED));
    stepIsTaken(other);
    assertEquals(1, number("select count(*) from message where step = 'escalation-1' and " + all));

    wire.publish(new Expired(id, Instant.now(), new Reason("deadline-passed", "passed")));
    await(() -> count("thread", "answer is not null") == 1);
    stepIsTaken(third);
    await(() ->
        number(
                "select count(*) from message where step = 'escalation-1' and state = 'accepted' and "
                    + all)
            == 2);
    for (ActionId each : List.of(other, third)) {
      wire.publish(new Expired(each, Instant.now(), new Reason("deadline-passed", "passed")));
    }
    await(() -> has("bob", "answer", Status.ACCEPTED));
    // Nothing but the question's own thread is told of, though a step went out in another.
    barrier();
    assertEquals(1, number("select count(*) from message where step = 'answer' and " + all));
  }

  @Test
  void whoWasAskedByWhatHasItsAnswerIsNotToldThatTheNextOfTheSetStillWaits() throws Exception {
    ActionId earlier = some();
    wire.publish(member(earlier, "set-" + id, "bob"));
    await(() -> sent("bob", "ask") == 1);
    wire.publish(decided(earlier, Decision.Outcome.APPROVED));
    await(() -> sent("bob", "answer") == 1);
    MailServer.line().down();
    wire.publish(
        withLadder(member(id, "set-" + id, "bob"), new Escalation(0.5, List.of(), List.of())));
    await(() -> count("message", "step = 'ask' and attempt > 0 and state = 'queued'") == 1);
    stepIsTaken(id);
    assertEquals(0, count("message", "step <> 'ask'"));
    MailServer.line().up();
    await(() -> sent("bob", "ask") == 2);
  }

  private void stepIsTaken(ActionId action) throws Exception {
    update("update escalation set due_at = now() where action_id = '%s'".formatted(action));
    await(() ->
        number("select count(*) from escalation where action_id = '%s'".formatted(action)) == 0);
  }

  private static String step(MimeMessage mail) {
    try {
      return mail.getHeader("X-Countersign-Step", null);
    } catch (MessagingException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whoSleepsIsNotWokenWhileOthersCanAnswer() throws Exception {
    wire.publish(opened("bob", "nora"));
    await(() -> has("bob", "ask", Status.ACCEPTED));
    assertEquals(
        1,
        count(
            "message",
            "recipient = 'nora' and state = 'queued' and next_attempt_at >= expires_at"));
    wire.publish(new Expired(id, Instant.now(), new Reason("deadline-passed", "passed")));
    await(() -> has("bob", "answer", Status.ACCEPTED));

    assertEquals("answered-first", reason("nora", "ask"));
    assertEquals(0, mails("nora@acme.example").size());
  }

  @Test
  void whoIsLetSleepThroughTheDeadlineHasMissedNoMail() throws Exception {
    wire.publish(opened("bob", "nora"));
    await(() -> has("bob", "ask", Status.ACCEPTED));
    update(
        "update message set expires_at = now() - interval '1 s', next_attempt_at = now() - interval"
            + " '1 s' where recipient = 'nora' and action_id = '%s'".formatted(id));
    // What is due later is claimed with hers or after it.
    barrier();
    assertEquals(1, count("message", "recipient = 'nora' and state = 'queued'"));
    wire.publish(new Expired(id, Instant.now(), new Reason("deadline-passed", "passed")));
    await(() -> has("nora", "ask", Status.FAILED));

    assertEquals("answered-first", reason("nora", "ask"));
    assertEquals(0, mails("nora@acme.example").size());
  }

  @Test
  void whoSleepsIsWokenWhereSomebodyAwakeCouldNotBeAsked() throws Exception {
    // Mallory is awake, and the server refuses them.
    wire.publish(opened("mallory", "nora"));
    await(() -> has("nora", "ask", Status.ACCEPTED));

    assertEquals("refused-by-server", reason("mallory", "ask"));
  }

  @Test
  void whoHasNoAddressWakesNobody() throws Exception {
    wire.publish(opened("bob", "erin", "nora"));
    await(() -> has("bob", "ask", Status.ACCEPTED) && has("erin", "ask", Status.FAILED));

    assertEquals(1, count("message", "recipient = 'nora' and next_attempt_at >= expires_at"));
  }

  @Test
  void whatBelongsTogetherWakesWhoSleeps() throws Exception {
    wire.publish(member(id, UUID.randomUUID().toString(), "bob", "nora"));
    await(() -> has("bob", "ask", Status.ACCEPTED) && has("nora", "ask", Status.ACCEPTED));
  }

  @Test
  void whereItTakesSomebodyWhoSleepsTheyAreWoken() throws Exception {
    wire.publish(opened("nora"));
    await(() -> has("nora", "ask", Status.ACCEPTED));

    assertEquals(1, mails("nora@acme.example").size());
  }

  private static TicketOpened withLadder(TicketOpened ticket, Escalation... steps) {
    Requirement all = ticket.requirement();
    return new TicketOpened(
        ticket.actionId(),
        ticket.at(),
        ticket.card(),
        ticket.promptDigest(),
        new Requirement(
            all.quorums(),
            all.assurance(),
            all.deadline(),
            all.channels(),
            List.of(steps),
            all.trust()),
        ticket.approvers(),
        ticket.expiresAt(),
        ticket.batchId(),
        ticket.link(),
        ticket.prompted(),
        ticket.set());
  }

  private void theStepsAreDue() throws Exception {
    update("update escalation set due_at = now() where action_id = '%s'".formatted(id));
  }

  @Test
  void aTicketWhoseLinkIsNotItsOwnPageIsADeadLetterAndNobodysMail() throws Exception {
    List<String> elsewhere =
        List.of(
            "http://elsewhere.example/tickets/" + id,
            "http://localhost:8082@elsewhere.example/tickets/" + id,
            "http://localhost:8082.elsewhere.example/tickets/" + id,
            "https://localhost:8082/tickets/" + id,
            "http://localhost:8082/tickets/" + some(),
            "http://localhost:8082/tickets/" + id + "?next=//elsewhere.example");
    for (String link : elsewhere) {
      wire.publish(linkingTo(URI.create(link), opened("alice")));
    }

    for (ConsumerRecord<byte[], byte[]> letter :
        wire.about(id, Topics.DEAD_LETTER, elsewhere.size())) {
      assertEquals("link", Wire.header(letter, "dl_reason"));
    }
    assertEquals(0, count("thread", "true"));
    wire.publish(opened("alice"));
    await(() -> has("alice", "ask", Status.ACCEPTED));
    assertEquals(1, mails("alice@acme.example").size());
  }

  private static TicketOpened linkingTo(URI link, TicketOpened ticket) {
    return new TicketOpened(
        ticket.actionId(),
        ticket.at(),
        ticket.card(),
        ticket.promptDigest(),
        ticket.requirement(),
        ticket.approvers(),
        ticket.expiresAt(),
        ticket.batchId(),
        link,
        ticket.prompted());
  }

  @Test
  void aRecordThatIsNoTicketIsADeadLetterAndBlocksNothing() throws Exception {
    wire.send(
        new ProducerRecord<>(
            Topics.TICKET_OPENED,
            id.toString().getBytes(StandardCharsets.UTF_8),
            new byte[] {(byte) 0xff}));
    wire.publish(opened("alice"));
    await(() -> has("alice", "ask", Status.ACCEPTED));
    assertEquals(
        "envelope", Wire.header(wire.about(id, Topics.DEAD_LETTER, 1).getFirst(), "dl_reason"));
  }

  private TicketOpened opened(String... approvers) {
    return about(id, approvers);
  }

  private TicketOpened opened(
      List<String> approvers, List<String> channels, String title, Instant expiresAt) {
    return about(id, approvers, channels, title, expiresAt);
  }

  private static TicketOpened about(ActionId action, String... approvers) {
    return about(
        action, List.of(approvers), List.of("mail"), TITLE, Instant.now().plusSeconds(600));
  }

  private static TicketOpened about(
      ActionId action,
      List<String> approvers,
      List<String> channels,
      String title,
      Instant expiresAt) {
    return new TicketOpened(
        action,
        Instant.now(),
        new Card(title, "to ACME GmbH", "7F-KQ"),
        DIGEST,
        new Requirement(
            List.of(new Requirement.Quorum(List.of("finance"), 1)),
            Assurance.CODE,
            Duration.ofMinutes(10),
            channels,
            List.of(),
            null),
        approvers,
        expiresAt.truncatedTo(ChronoUnit.MILLIS),
        null,
        URI.create("http://localhost:8082/tickets/" + action),
        null);
  }

  private Decision decided(Decision.Outcome outcome) {
    return decided(id, outcome);
  }

  private static Decision decided(ActionId id, Decision.Outcome outcome) {
    boolean approved = outcome == Decision.Outcome.APPROVED;
    Action action =
        new Action(
            EventJson.read(
                "{\"id\": \"billing-bot\"}".getBytes(StandardCharsets.UTF_8), Agent.class),
            new Tool("payments", "wire_transfer"),
            EventJson.readTree(
                "{\"iban\": \"DE89370400440532013000\"}".getBytes(StandardCharsets.UTF_8)));
    return new Decision(
        id,
        Instant.now(),
        outcome,
        Decision.Basis.VOTES,
        new Reason("votes", "four-eyes-note"),
        DIGEST,
        approved ? action : null,
        approved ? "eyJhbGciOi.e30.x" : null,
        approved
            ? List.of(
                DsseEnvelope.of(DsseEnvelope.IN_TOTO, new byte[] {1}, "a-key", new byte[] {1}))
            : List.of());
  }

  /// Returns when everything that was published before it has been handled and sent: others go the
  /// whole way on each partition's heels. One for each topic of answers: of one action the answer
  /// on one topic may be told while what lies before it on the other is not read yet.
  private void barrier() throws Exception {
    Set<UUID> others = new HashSet<>();
    List<Event> all = new ArrayList<>();
    for (ActionId expired : wire.onEachPartition(Topics.EXPIRED)) {
      others.add(expired.value());
      all.add(about(expired, "bob"));
      all.add(new Expired(expired, Instant.now(), new Reason("deadline", "passed")));
    }
    for (ActionId cancelled : wire.onEachPartition(Topics.DECISION)) {
      others.add(cancelled.value());
      all.add(about(cancelled, "bob"));
      all.add(
          new Decision(
              cancelled,
              Instant.now(),
              Decision.Outcome.CANCELLED,
              null,
              null,
              null,
              null,
              null,
              List.of()));
    }
    wire.publishAll(all);
    await(() -> {
      Set<String> seen = new HashSet<>();
      try (Connection connection = database.getConnection();
          Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "select action_id from thread t where title is not null and answer is not"
                      + " null and not exists (select 1 from message m where m.action_id ="
                      + " t.action_id and m.state in ('queued', 'sending')) and not exists"
                      + " (select 1 from untold u where u.action_id = t.action_id)")) {
        while (rows.next()) {
          seen.add(rows.getString(1));
        }
      }
      return others.stream().allMatch(other -> seen.contains(other.toString()));
    });
  }

  private MimeMessage theMail(String address) throws Exception {
    List<MimeMessage> mails = mails(address);
    assertEquals(1, mails.size());
    return mails.getFirst();
  }

  private List<MimeMessage> mails(String address) throws Exception {
    return MailServer.mails(id.toString(), address);
  }

  private static String body(MimeMessage mail, int part) throws Exception {
    return (String) ((Multipart) mail.getContent()).getBodyPart(part).getContent();
  }

  private boolean has(String recipient, String step, Status status) {
    return notifications().stream()
        .anyMatch(each ->
            each.recipient().equals(recipient)
                && each.step().equals(step)
                && each.status() == status);
  }

  private Notification notification(String recipient, String step, Status status) {
    List<Notification> found =
        notifications().stream()
            .filter(each ->
                each.recipient().equals(recipient)
                    && each.step().equals(step)
                    && each.status() == status)
            .toList();
    assertEquals(1, found.size(), () -> notifications().toString());
    return found.getFirst();
  }

  private String reason(String recipient, String step) {
    Reason reason = notification(recipient, step, Status.FAILED).reason();
    return reason == null ? "none" : reason.code();
  }

  private List<Notification> notifications() {
    return wire.events(Notification.class, id, Topics.NOTIFICATION, 0);
  }

  private long count(String table, String condition) throws Exception {
    return number(
        "select count(*) from %s where action_id = '%s' and %s".formatted(table, id, condition));
  }

  private void update(String statement) throws Exception {
    try (Connection connection = database.getConnection();
        Statement each = connection.createStatement()) {
      each.executeUpdate(statement);
    }
  }

  private long number(String query) throws Exception {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private void await(Callable<Boolean> condition) throws Exception {
    Instant limit = Instant.now().plusSeconds(60);
    while (!condition.call()) {
      assertTrue(Instant.now().isBefore(limit), () -> "waited 60 s; saw " + notifications());
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }
}
