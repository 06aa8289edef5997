package dev.countersign.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.launcher.SoftwarePasskey;
import dev.countersign.tlog.VerifierKey;
import dev.countersign.verifier.Finding;
import dev.countersign.verifier.KeySet;
import dev.countersign.verifier.TrustedKeys;
import dev.countersign.verifier.Verification;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Six proposals, each told step by step as it happens. Every claim that is printed with a tick was
/// looked up from outside; one that does not hold is printed with a cross and remembered.
public final class Scenario implements AutoCloseable {

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Addresses addresses;
  private final Pocket pocket;
  private final Consumer<String> out;
  private final Enrolment enrolment;
  private final Map<String, SoftwarePasskey> passkeys = new HashMap<>();
  private final Map<String, Approver> approvers = new HashMap<>();
  private final AgentPlatform platform;
  private final Mailbox mailbox;
  private final Json json = new Json();
  private final List<String> broken = new ArrayList<>();

  /// @param operator who invites approvers
  /// @param pocket where they keep their passkeys until the next run
  /// @param out gets each line as it happens
  public Scenario(Addresses addresses, FrontDoor operator, Pocket pocket, Consumer<String> out) {
    this.addresses = addresses;
    this.pocket = pocket;
    this.out = out;
    this.enrolment = new Enrolment(operator, addresses.ticket());
    this.platform = new AgentPlatform(addresses.kafka());
    this.mailbox = new Mailbox(addresses.mail());
  }

  /// Plays all six and the evidence; returns the claims that did not hold.
  public List<String> play() {
    passkeys();
    allowedAtOnce();
    ActionId approved = approvedByTwoThenExecutedOnce();
    rejected();
    leftUnanswered();
    proposedTwice();
    changedOnTheWay();
    evidenceOf(approved);
    return List.copyOf(broken);
  }

  private void passkeys() {
    title("Before it begins: two approvers have passkeys");
    for (String name : List.of("alice", "bob")) {
      Optional<SoftwarePasskey> known = pocket.find(name);
      if (known.isPresent()) {
        say("passkey", name + " has the one of an earlier run");
      }
      passkeys.put(name, known.orElseGet(() -> enrol(name)));
    }
  }

  private SoftwarePasskey enrol(String name) {
    String address = address(name);
    Enrolment.Invitation invitation = enrolment.invite(address);
    say("invited", "./countersign invite " + address + ": a link by mail, and a code to tell them");
    Enrolment.Made made = enrolment.make(invitation);
    say("made", name + " types the code and makes a passkey, " + made.fingerprint());
    check(
        "./countersign confirm " + address + " shows the same fingerprint, and confirms it",
        enrolment.confirm(address).contains(made.fingerprint()));
    pocket.put(name, made.passkey());
    return made.passkey();
  }

  private void allowedAtOnce() {
    title("1. Allowed at once: a payment of EUR 45.00");
    ActionId id = propose("payments", "wire_transfer", transfer("45.00"), Map.of());
    verdict(id);
    decision(id, "approved");
    execution(id, "succeeded");
    check("the target got this call once", calls(id).size() == 1);
  }

  private ActionId approvedByTwoThenExecutedOnce() {
    title("2. Approved by two with their passkeys, then executed once: a payment of EUR 48,200.00");
    ActionId id = propose("payments", "wire_transfer", transfer("48200.00"), Map.of());
    verdict(id);
    JsonNode ticket = ticket(id);
    Approver alice = approver("alice");
    URI link = alice.linkFor(id);
    say("mail", "to alice@acme.example, with the link " + link);
    Browser.Page stranger = new Browser().open(link);
    check(
        "who only has the link sees no amount and no button",
        !stranger.document().text().contains("48200")
            && stranger.findForm("button[name=answer]") == null);
    Approver thief = withoutPasskey("alice");
    thief.approve(link);
    thief.reject(link, "Never mind.");
    say("attack", "somebody in alice's mailbox signs in with a code, and tries yes and no");
    check("without alice's device they decided nothing", isPending(id, thief));
    sign("alice", link);
    check("one of two is not enough: nothing has run", isPending(id, alice) && calls(id).isEmpty());
    sign("bob", approver("bob").linkFor(id));
    JsonNode decision = decision(id, "approved");
    check("it names both attestations", decision.path("attestations").size() == 2);
    execution(id, "succeeded");
    List<JsonNode> calls = calls(id);
    check("the target got this call once", calls.size() == 1);
    check(
        "with exactly what was approved",
        calls.getFirst().path("body").path("amount").asText().equals("48200.00"));
    String ticketCode = ticket.path("card").path("shortCode").asText();
    JsonNode question = mailToAlice(id, false);
    JsonNode answer = mailToAlice(id, true);
    say("mail", "\"" + answer.path("subject").asText() + "\" follows in the same thread");
    check(
        "the mails name the ticket " + ticketCode,
        Stream.of(question, answer)
            .allMatch(mail -> mail.path("subject").asText().contains("[" + ticketCode + "]")));
    return id;
  }

  private JsonNode mailToAlice(ActionId id, boolean inReply) {
    return mailbox.await(
        inReply ? "the answer" : "the question",
        PATIENCE,
        mail ->
            Mailbox.isTo(mail, "alice@acme.example")
                && mail.path("headers").toString().contains(id.toString())
                && mail.path("headers").toString().contains("In-Reply-To") == inReply);
  }

  private void sign(String name, URI link) {
    approver(name).approve(link);
    say("vote", name + " types the amount, presses Approve, and the passkey signs it");
    pocket.put(name, Objects.requireNonNull(passkeys.get(name)));
  }

  private void rejected() {
    title("3. Rejected: dropping the database \"sandbox\"");
    ActionId id =
        propose("database", "drop_database", parse("{\"database\": \"sandbox\"}"), Map.of());
    verdict(id);
    ticket(id);
    Approver bob = approver("bob");
    bob.reject(bob.linkFor(id), "We still need it until Friday.");
    say("vote", "bob presses Reject: We still need it until Friday.");
    JsonNode decision = decision(id, "rejected");
    check(
        "the agent is told why",
        decision.path("reason").path("text").asText().contains("until Friday"));
    check("the target got no call", calls(id).isEmpty());
  }

  private void leftUnanswered() {
    title("4. Left unanswered: a newsletter, with five seconds to answer");
    ActionId id =
        propose(
            "crm",
            "send_newsletter",
            parse("{\"list\": \"staff\", \"subject\": \"Summer party\"}"),
            Map.of("deadline", "PT5S"));
    verdict(id);
    ticket(id);
    JsonNode expired = platform.await(Topics.EXPIRED, id, PATIENCE);
    say("expired", expired.path("reason").path("text").asText());
    check("no answer was a no: the target got no call", calls(id).isEmpty());
  }

  private void proposedTwice() {
    title("5. Proposed three times, once in other words: deleting two files");
    ActionId id = new ActionId(UUID.randomUUID());
    ObjectNode proposal =
        AgentPlatform.proposal(
            id, "files", "delete_files", parse("{\"paths\": [\"old-1.csv\", \"old-2.csv\"]}"));
    platform.propose(id, proposal);
    platform.propose(id, proposal);
    proposal.putObject("intent").put("summary", "Please, please delete them");
    platform.propose(id, proposal);
    say("proposed", id + " files/delete_files, three times");
    decision(id, "approved");
    execution(id, "succeeded");
    check("the target got this call once", calls(id).size() == 1);
    check("there is one decision", platform.records(Topics.DECISION, id).size() == 1);
  }

  private void changedOnTheWay() {
    title("6. Changed after approval, on the way to the executor");
    ActionId id = propose("payments", "wire_transfer", transfer("4820.00"), Map.of());
    ticket(id);
    Approver carol = approver("carol");
    carol.approve(carol.linkFor(id));
    say("vote", "carol presses Approve");
    ConsumerRecord<byte[], byte[]> genuine =
        platform
            .awaitRecord(Topics.DECISION, id, PATIENCE, _ -> true)
            .orElseThrow(() -> new Timeout("no decision of " + id));
    String changed =
        new String(genuine.value(), StandardCharsets.UTF_8)
            .replace("DE89370400440532013000", "GB33BUKB20201555555555");
    Map<String, String> headers = new HashMap<>();
    genuine
        .headers()
        .forEach(header ->
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
    platform.produce(
        Topics.DECISION, id.toString(), changed.getBytes(StandardCharsets.UTF_8), headers);
    say("attack", "the same decision, grant and all, goes out again with another IBAN in it");
    ConsumerRecord<byte[], byte[]> letter =
        platform
            .awaitRecord(Topics.DEAD_LETTER, id, PATIENCE, _ -> true)
            .orElseThrow(() -> new Timeout("no dead letter of " + id));
    say(
        "refused",
        AgentPlatform.header(letter, "dl_reason")
            + ": "
            + AgentPlatform.header(letter, "dl_detail"));
    execution(id, "succeeded");
    List<JsonNode> calls = calls(id);
    check("the target got one call", calls.size() == 1);
    check(
        "and it is the one that carol approved",
        calls.toString().contains("DE89370400440532013000") && !calls.toString().contains("GB33"));
  }

  private void evidenceOf(ActionId id) {
    title("Evidence of the approved payment");
    JsonNode evidence = evidence(id);
    List<String> topics = new ArrayList<>();
    for (JsonNode entry : evidence.path("entries")) {
      topics.add(entry.path("topic").asText());
      say(
          "#" + entry.path("index").asText(),
          "%-16s proven by %d hashes"
              .formatted(entry.path("topic").asText(), entry.path("proof").size()));
    }
    check(
        "it holds everything from the proposal to the execution",
        topics.containsAll(
            List.of(
                Topics.ACTION_PROPOSED,
                Topics.VERDICT,
                Topics.TICKET_OPENED,
                Topics.VOTE_RECORDED,
                Topics.DECISION,
                Topics.EXECUTION)));
    // Three keys of three parties: who decided, who keeps the log, and who watches it.
    TrustedKeys keys =
        new TrustedKeys(
            KeySet.read(
                EventJson.write(
                    json.get(addresses.ticket().resolve("/.well-known/jwks.json")).body())),
            VerifierKey.read(json.text(addresses.audit().resolve("/vkey"))),
            List.of(VerifierKey.read(json.text(addresses.witness().resolve("/vkey")))));
    Finding finding = Verification.of(EventJson.write(evidence), keys);
    check("offline it proves: " + finding.sentence(), finding instanceof Finding.Proven);
    byte[] forged =
        new String(EventJson.write(evidence), StandardCharsets.UTF_8)
            .replace("48200.00", "48201.00")
            .getBytes(StandardCharsets.UTF_8);
    Finding noticed = Verification.of(forged, keys);
    check(
        "with one digit of the amount changed it says: " + noticed.sentence(),
        noticed instanceof Finding.Wrong);
  }

  /// Asks until it has what became of the action, and the witness has signed for that.
  private JsonNode evidence(ActionId id) {
    URI location = addresses.audit().resolve("/v1/evidence/" + id);
    long until = System.nanoTime() + PATIENCE.toNanos();
    Json.Answer answer = json.get(location);
    while (!answer.body().path("entries").findValuesAsText("topic").contains(Topics.EXECUTION)
        && System.nanoTime() < until) {
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
      answer = json.get(location);
    }
    return answer.body();
  }

  // What every case does.

  private ActionId propose(
      String toolset, String tool, JsonNode parameters, Map<String, String> more) {
    ActionId id = new ActionId(UUID.randomUUID());
    ObjectNode proposal = AgentPlatform.proposal(id, toolset, tool, parameters);
    more.forEach(proposal::put);
    platform.propose(id, proposal);
    say("proposed", id + " " + toolset + "/" + tool);
    return id;
  }

  private void verdict(ActionId id) {
    JsonNode verdict = platform.await(Topics.VERDICT, id, PATIENCE);
    String because =
        StreamSupport.stream(verdict.path("rules").spliterator(), false)
            .map(rule -> rule.path("says").asText())
            .collect(Collectors.joining(" "));
    say("verdict", verdict.path("verdict").asText() + ": " + because);
  }

  private JsonNode ticket(ActionId id) {
    JsonNode ticket = platform.await(Topics.TICKET_OPENED, id, PATIENCE);
    say(
        "ticket",
        "%s waits for %s until %s"
            .formatted(
                ticket.path("card").path("shortCode").asText(),
                StreamSupport.stream(ticket.path("approvers").spliterator(), false)
                    .map(JsonNode::asText)
                    .collect(Collectors.joining(" or ")),
                ticket.path("expiresAt").asText()));
    return ticket;
  }

  private JsonNode decision(ActionId id, String outcome) {
    JsonNode decision = platform.await(Topics.DECISION, id, PATIENCE);
    say(
        "decision",
        "%s, basis %s: %s"
            .formatted(
                decision.path("outcome").asText(),
                decision.path("basis").asText(),
                decision.path("reason").path("text").asText()));
    check("the decision is " + outcome, decision.path("outcome").asText().equals(outcome));
    return decision;
  }

  private void execution(ActionId id, String status) {
    JsonNode execution = platform.await(Topics.EXECUTION, id, PATIENCE);
    say(
        "execution",
        "%s, attempt %d, the target said %s"
            .formatted(
                execution.path("status").asText(),
                execution.path("attempt").asInt(),
                execution.path("result").path("code").asText("nothing")));
    check("the execution " + status, execution.path("status").asText().equals(status));
  }

  private List<JsonNode> calls(ActionId id) {
    JsonNode all = json.get(addresses.target().resolve("/calls?key=" + id)).body();
    List<JsonNode> calls = new ArrayList<>();
    all.forEach(calls::add);
    return calls;
  }

  private boolean isPending(ActionId id, Approver signedIn) {
    return signedIn.stateOf(id).equals("pending");
  }

  private Approver approver(String name) {
    return approvers.computeIfAbsent(
        name, it -> new Approver(address(it), mailbox, addresses.ticket(), passkeys.get(it)));
  }

  private Approver withoutPasskey(String name) {
    return new Approver(address(name), mailbox, addresses.ticket(), null);
  }

  private static String address(String name) {
    return name + "@acme.example";
  }

  private static JsonNode transfer(String amount) {
    return parse(
        """
        {"recipient": {"name": "ACME GmbH", "iban": "DE89370400440532013000"},
         "amount": "%s", "currency": "EUR"}
        """
            .formatted(amount));
  }

  private static JsonNode parse(String text) {
    return EventJson.readTree(text.getBytes(StandardCharsets.UTF_8));
  }

  private void title(String text) {
    out.accept("");
    out.accept(text);
  }

  private void say(String step, String what) {
    out.accept("   %-10s %s".formatted(step, what));
  }

  private void check(String claim, boolean holds) {
    out.accept("   %-10s %s".formatted(holds ? "✓" : "✗ NOT SO", claim));
    if (!holds) {
      broken.add(Objects.requireNonNull(claim));
    }
  }

  @Override
  public void close() {
    platform.close();
  }
}
