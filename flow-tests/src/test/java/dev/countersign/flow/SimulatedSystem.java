package dev.countersign.flow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Action;
import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Card;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Event;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Intent;
import dev.countersign.events.Prompt;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.executor.domain.Judgement;
import dev.countersign.ticket.domain.Approver;
import dev.countersign.ticket.domain.Brakes;
import dev.countersign.ticket.domain.Command;
import dev.countersign.ticket.domain.Electorate;
import dev.countersign.ticket.domain.Opening;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Ticket;
import dev.countersign.ticket.domain.TicketMachine;
import dev.countersign.verifier.DecisionVerifier;
import dev.countersign.verifier.Grant;
import dev.countersign.verifier.KeySet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The spine in one thread: the real ticket machine, the real judgement of grants and the real
/// events, around a model of what lies between them. Everything that happens, crashes included, is
/// drawn from one seed, so a seed is a run.
///
/// Assumed, and proven elsewhere: a transaction is atomic, a locked row is locked, a partition
/// keeps its order. Modelled: state with its outbox, relays that die between acknowledgement and
/// deletion, consumers that die before and after their commit, two executors that die or stand
/// still at any step, people, proposers and a forger who do what they like.
final class SimulatedSystem {

  /// What can be planted, each with the invariant that it must be seen to break.
  enum Defect {
    NONE(Optional.empty()),
    RELAY_DELETES_BEFORE_THE_BROKER_HAS_IT(Optional.of(Invariants.Name.IN_THE_LOG_ONCE)),
    OFFSET_IS_COMMITTED_BEFORE_THE_STATE(Optional.of(Invariants.Name.ONE_ANSWER)),
    POLICY_FORGETS_WHAT_IT_JUDGED(Optional.of(Invariants.Name.SAME_ID_SAME_ACTION)),
    TICKET_OPENS_AGAIN_ON_REDELIVERY(Optional.of(Invariants.Name.NEVER_CHANGES)),
    TICKET_TELLS_BEFORE_IT_COMMITS(Optional.of(Invariants.Name.DURABLE_BEFORE_EFFECT)),
    CANCEL_BEFORE_VERDICT_IS_DROPPED(Optional.of(Invariants.Name.CANCEL_IS_HEARD)),
    VOTES_BRING_THEIR_OWN_TIME(Optional.of(Invariants.Name.TIME_IS_NO_APPROVAL)),
    OWN_REQUEST_IS_NOT_SEEN(Optional.of(Invariants.Name.QUORUM_OF_OTHERS)),
    GROUPS_ARE_READ_ONCE(Optional.of(Invariants.Name.QUORUM_OF_OTHERS)),
    VOTE_IS_NOT_BOUND_TO_WHAT_WAS_SHOWN(Optional.of(Invariants.Name.BOUND_TO_WHAT_WAS_SHOWN)),
    EXECUTOR_BELIEVES_THE_TOPIC(Optional.of(Invariants.Name.DURABLE_BEFORE_EFFECT)),
    EXECUTOR_FORGETS_WHAT_IT_TOOK(Optional.of(Invariants.Name.AT_MOST_ONE_EFFECT)),
    EXECUTOR_ACTS_BEFORE_ITS_INTENT(Optional.of(Invariants.Name.AT_MOST_ONE_EFFECT)),
    EXECUTOR_RETRIES_WHAT_WAS_BEGUN(Optional.of(Invariants.Name.AT_MOST_ONE_EFFECT)),
    EXECUTOR_FORGETS_AN_EARLIER_ATTEMPT(Optional.of(Invariants.Name.HONEST_OUTCOME)),
    EXECUTOR_LEAVES_WHAT_WAS_BEGUN(Optional.of(Invariants.Name.ONE_EXECUTION));

    final Optional<Invariants.Name> breaks;

    Defect(Optional<Invariants.Name> breaks) {
      this.breaks = breaks;
    }
  }

  /// A record on a topic, as it lies there; `id` is its `ce_id`, the same each time it is sent.
  record Message(String id, String topic, Event event) {
    boolean isGenuine() {
      return !id.startsWith("forger/");
    }
  }

  /// A row as it was committed at a time.
  record Change<T>(Instant at, T row) {}

  /// A table, which survives every crash, with the history of each row.
  static final class Table<T> {
    final Map<ActionId, List<Change<T>>> history = new LinkedHashMap<>();

    Optional<T> find(ActionId id) {
      return Optional.ofNullable(history.get(id)).map(changes -> changes.getLast().row());
    }

    void put(ActionId id, Instant at, T row) {
      history.computeIfAbsent(id, _ -> new ArrayList<>()).add(new Change<>(at, row));
    }

    List<ActionId> ids() {
      return List.copyOf(history.keySet());
    }
  }

  /// What a person sent, and whether they had looked at the question as it then stood.
  record Ballot(
      ActionId id, String approver, Instant at, Answer answer, boolean sawIt, boolean typedIt) {}

  /// A call that reached the target; `decided` says whether the approval was durable by then.
  record Call(ActionId id, Tool tool, Digest digest, Instant at, boolean decided) {}

  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  static final Duration DEADLINE = Duration.ofMinutes(15);

  private static final Duration GRANT = Duration.ofMinutes(2);
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final String ISSUER = "countersign";
  // Attestations are the verifier's own tests' business; the model's grants name no approvals.
  private static final DecisionVerifier NO_VOTES =
      new DecisionVerifier(_ -> KeySet.read("{\"keys\": []}".getBytes(StandardCharsets.UTF_8)));
  private static final int PARTITIONS = 3;
  private static final Digest POLICY_VERSION = Digest.of("policy".getBytes(StandardCharsets.UTF_8));

  private static final Tool NOOP = new Tool("demo", "noop");
  private static final Tool REPORT = new Tool("files", "write_report");
  private static final Tool FORMAT = new Tool("files", "format_disk");
  private static final Tool NEWSLETTER = new Tool("crm", "send_newsletter");
  private static final Tool TRANSFER = new Tool("payments", "wire_transfer");
  private static final Tool DROP = new Tool("database", "drop_database");
  private static final Tool NOBODY = new Tool("payments", "close_bank");
  private static final List<Tool> TOOLS =
      List.of(NOOP, NOOP, REPORT, FORMAT, NEWSLETTER, TRANSFER, TRANSFER, DROP, DROP, NOBODY);

  /// Runs without people, and which of those may be run twice under one key.
  static final Set<Tool> ALLOWED = Set.of(NOOP, REPORT);

  static final Set<Tool> IDEMPOTENT = Set.of(NOOP);

  private static final List<String> PEOPLE =
      List.of("alice", "bob", "carol", "dave", "erin", "mallory");
  private static final Map<String, Set<String>> GROUPS =
      Map.of(
          "alice", Set.of("finance", "communications"),
          "bob", Set.of("finance", "platform"),
          "carol", Set.of("finance", "communications"),
          "dave", Set.of("platform"),
          "erin", Set.of());

  final Map<String, List<List<Message>>> topics = new TreeMap<>();
  final List<Call> calls = new ArrayList<>();
  final List<Ballot> ballots = new ArrayList<>();
  final TreeMap<Instant, Map<String, Set<String>>> rosters = new TreeMap<>(Map.of(START, GROUPS));
  final Policy policy = new Policy();
  final Tickets tickets = new Tickets();
  final Executor executor = new Executor();
  final Log log = new Log();
  final List<Service> services = List.of(policy, tickets, executor, log);
  int crashes;

  private final Defect defect;
  private final Random random;
  private final Map<String, Grant> signed = new HashMap<>();
  private final Deque<Event> toPublish;
  private Instant now = START;
  private int published;
  private boolean draining;

  SimulatedSystem(long seed, int actions, Defect defect) {
    this.random = new Random(seed);
    this.defect = defect;
    this.toPublish = new ArrayDeque<>(script(actions));
  }

  /// Lets happen what may until all is published and a while longer, then stops the crashes and
  /// lets everything come to its end.
  void run(int steps) {
    for (int i = 0; i < steps || !toPublish.isEmpty(); i++) {
      pass(1 + random.nextInt(longest()));
      step();
    }
    draining = true;
    // Twice the longest of all deadlines, in steps shorter than a grant lives.
    for (int i = 0; i < 2 * DEADLINE.toMinutes(); i++) {
      pass(60_000);
      services.forEach(Service::drain);
    }
  }

  /// Mostly steps follow each other; now and then leases pass in between, or whole deadlines.
  private int longest() {
    return switch (random.nextInt(200)) {
      case 0 -> 600_000;
      case 1, 2 -> 40_000;
      default -> 150;
    };
  }

  private void pass(int millis) {
    now = now.plusMillis(millis);
  }

  private void step() {
    switch (random.nextInt(24)) {
      case 0, 1 -> publish();
      case 2, 3, 4 -> vote();
      case 5 -> rest();
      case 6, 7, 8, 9 -> any(services).relay();
      case 10, 11, 12, 13, 14 -> any(services).poll();
      default -> executor.step();
    }
  }

  private void rest() {
    switch (random.nextInt(8)) {
      case 0 -> reorganise();
      case 1 -> any(services).crash();
      case 2, 3 -> forge();
      default -> tickets.expire();
    }
  }

  private boolean dies() {
    return !draining && random.nextInt(40) == 0;
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  // --- proposers, people, a forger

  private List<Event> script(int actions) {
    List<Event> script = new ArrayList<>();
    for (int i = 0; i < actions; i++) {
      ActionId id = new ActionId(new UUID(random.nextLong(), random.nextLong()));
      Tool tool = any(TOOLS);
      String behalf = any(PEOPLE);
      for (int copies = 1 + random.nextInt(3); copies > 0; copies--) {
        script.add(proposal(id, tool, behalf, 100));
      }
      if (random.nextInt(6) == 0) {
        script.add(proposal(id, tool, behalf, 999));
      }
      for (int cancels = random.nextInt(8); cancels > 5; cancels--) {
        script.add(new ActionCancelled(id, START, "proposer", null));
      }
    }
    Collections.shuffle(script, random);
    return script;
  }

  /// Each copy in other words of the agent, which are not in the digest.
  private ActionProposed proposal(ActionId id, Tool tool, String behalf, int amount) {
    return new ActionProposed(
        id,
        START,
        new Agent("bot", "acme", null, behalf, null),
        tool,
        JsonNodeFactory.instance.objectNode().put("amount", amount),
        new Intent("please " + random.nextInt(), null, null, null, null),
        null,
        null,
        null);
  }

  private void publish() {
    Event event = toPublish.poll();
    if (event != null) {
      append(new Message("agents/" + published++, event.topic(), event));
    }
  }

  private void append(Message message) {
    partitions(message.topic())
        .get(Math.floorMod(message.event().actionId().hashCode(), PARTITIONS))
        .add(message);
  }

  List<List<Message>> partitions(String topic) {
    return topics.computeIfAbsent(
        topic, _ -> Stream.<List<Message>>generate(ArrayList::new).limit(PARTITIONS).toList());
  }

  private void vote() {
    tickets
        .anyPending()
        .ifPresent(pending -> {
          // A late look at what was shown once, someone else's prompt, a slip of the finger.
          boolean stale = pending.version() > 1 && random.nextInt(4) == 0;
          boolean other = random.nextInt(10) == 0;
          boolean typed = random.nextInt(10) > 0;
          Question question = pending.question();
          Ballot ballot =
              new Ballot(
                  pending.actionId(),
                  any(PEOPLE),
                  now,
                  random.nextInt(8) == 0 ? Answer.REJECT : Answer.APPROVE,
                  !stale && !other,
                  typed);
          ballots.add(ballot);
          boolean unbound = defect == Defect.VOTE_IS_NOT_BOUND_TO_WHAT_WAS_SHOWN;
          tickets.apply(
              pending.actionId(),
              new Command.Vote(
                  defect == Defect.VOTES_BRING_THEIR_OWN_TIME ? question.openedAt() : now,
                  ballot.approver(),
                  Assurance.CODE,
                  ballot.answer(),
                  stale && !unbound ? pending.version() - 1 : pending.version(),
                  other && !unbound ? POLICY_VERSION : question.promptDigest(),
                  Map.of(0, typed ? "100" : "1000"),
                  null,
                  null,
                  true,
                  electorate(question.action().agent()),
                  Brakes.NONE,
                  null));
        });
  }

  private Electorate electorate(Agent agent) {
    Map<String, Set<String>> groups =
        defect == Defect.GROUPS_ARE_READ_ONCE ? GROUPS : rosters.lastEntry().getValue();
    return new Electorate(
        groups.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(each -> new Approver(each.getKey(), each.getValue()))
            .toList(),
        defect == Defect.OWN_REQUEST_IS_NOT_SEEN || agent.onBehalfOf() == null
            ? Set.of()
            : Set.of(agent.onBehalfOf()));
  }

  /// Someone changes places, so that who voted may not count any more when it is decided.
  private void reorganise() {
    Map<String, Set<String>> groups = new HashMap<>(rosters.lastEntry().getValue());
    String moved = any(PEOPLE.subList(0, 4));
    groups.put(moved, random.nextBoolean() ? Set.of() : GROUPS.getOrDefault(moved, Set.of()));
    rosters.put(now, groups);
  }

  /// A true decision again; its grant on other parameters; its grant on another action.
  private void forge() {
    List<Message> decisions = partitions(Topics.DECISION).stream().flatMap(List::stream).toList();
    List<Message> approved =
        decisions.stream()
            .filter(each -> each.event() instanceof Decision it && it.grant() != null)
            .toList();
    List<ActionId> waiting = tickets.rows.ids();
    if (approved.isEmpty()) {
      return;
    }
    Decision real = (Decision) any(approved).event();
    Decision forged =
        switch (random.nextInt(3)) {
          case 0 -> real;
          case 1 -> decision(real.actionId(), changed(real.action()), real.grant());
          default -> decision(any(waiting), real.action(), real.grant());
        };
    append(new Message("forger/" + published++, Topics.DECISION, forged));
  }

  private static Action changed(@Nullable Action action) {
    Action real = Objects.requireNonNull(action);
    return new Action(
        real.agent(), real.tool(), JsonNodeFactory.instance.objectNode().put("amount", 666));
  }

  private Decision decision(ActionId id, @Nullable Action action, @Nullable String grant) {
    Digest digest = Objects.requireNonNull(action).digest(id);
    return decision(id, Decision.Outcome.APPROVED, "approved", digest, action, grant);
  }

  private Decision decision(
      ActionId id,
      Decision.Outcome outcome,
      String code,
      @Nullable Digest digest,
      @Nullable Action action,
      @Nullable String grant) {
    return new Decision(
        id, now, outcome, null, new Reason(code, code), digest, action, grant, List.of());
  }

  // --- the services

  /// A process with a database behind it. Its positions die with it; offsets, rows and outbox stay.
  abstract class Service {
    final List<Message> written = new ArrayList<>();
    private final String name;
    private final Map<String, int[]> positions = new TreeMap<>();
    private final Map<String, int[]> offsets = new TreeMap<>();
    private final List<Message> outbox = new ArrayList<>();

    Service(String name, List<String> reads) {
      this.name = name;
      for (String topic : reads) {
        positions.put(topic, new int[PARTITIONS]);
        offsets.put(topic, new int[PARTITIONS]);
      }
    }

    /// Part of a transaction.
    abstract void handle(Message message);

    final void emit(Event event) {
      emit(event.topic(), event);
    }

    /// Commits with the state that it tells of.
    final void emit(String topic, Event event) {
      Message message = new Message(name + "/" + written.size(), topic, event);
      written.add(message);
      outbox.add(message);
    }

    void crash() {
      crashes++;
      offsets.forEach((topic, at) -> positions.put(topic, at.clone()));
    }

    final void poll() {
      List<String> reads = List.copyOf(positions.keySet());
      poll(any(reads), random.nextInt(PARTITIONS), 1 + random.nextInt(10));
    }

    private void poll(String topic, int partition, int most) {
      List<Message> records = partitions(topic).get(partition);
      int[] position = Objects.requireNonNull(positions.get(topic));
      int[] offset = Objects.requireNonNull(offsets.get(topic));
      int end = Math.min(records.size(), position[partition] + most);
      List<Message> batch = List.copyOf(records.subList(position[partition], end));
      if (defect == Defect.OFFSET_IS_COMMITTED_BEFORE_THE_STATE) {
        offset[partition] = end;
      }
      if (dies()) {
        crash();
        return;
      }
      batch.forEach(this::handle);
      if (dies()) {
        crash();
        return;
      }
      position[partition] = end;
      // Kafka's offsets are committed now and then, so a crash brings back more than one batch.
      if (draining || random.nextInt(3) == 0) {
        offset[partition] = end;
      }
    }

    final void relay() {
      List<Message> batch =
          List.copyOf(outbox.subList(0, Math.min(outbox.size(), 1 + random.nextInt(10))));
      boolean early = defect == Defect.RELAY_DELETES_BEFORE_THE_BROKER_HAS_IT;
      if (early) {
        outbox.subList(0, batch.size()).clear();
      }
      for (Message message : batch) {
        if (dies()) {
          crash();
          return;
        }
        append(message);
      }
      if (dies()) {
        crash();
        return;
      }
      if (!early) {
        outbox.subList(0, batch.size()).clear();
      }
    }

    void drain() {
      for (String topic : List.copyOf(positions.keySet())) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
          poll(topic, partition, Integer.MAX_VALUE / 2);
        }
      }
      while (!outbox.isEmpty()) {
        relay();
      }
    }
  }

  /// One verdict for each action; the first proposal of an id stands.
  final class Policy extends Service {
    final Table<Digest> rows = new Table<>();

    Policy() {
      super("policy", List.of(Topics.ACTION_PROPOSED));
    }

    @Override
    void handle(Message message) {
      ActionProposed proposal = (ActionProposed) message.event();
      Digest digest = proposal.digest();
      Optional<Digest> known = rows.find(proposal.actionId());
      if (known.isEmpty() || defect == Defect.POLICY_FORGETS_WHAT_IT_JUDGED) {
        rows.put(proposal.actionId(), now, digest);
        emit(verdict(proposal.actionId(), proposal.action(), digest));
      } else if (!known.get().equals(digest)) {
        emit(Topics.DEAD_LETTER, proposal);
      }
    }

    private Verdict verdict(ActionId id, Action action, Digest digest) {
      if (ALLOWED.contains(action.tool())) {
        return new Verdict.Allowed(
            id,
            now,
            action,
            digest,
            JsonNodeFactory.instance.objectNode(),
            List.of(),
            POLICY_VERSION);
      }
      if (action.tool().equals(FORMAT)) {
        return new Verdict.Denied(
            id, now, action, digest, null, List.of(), POLICY_VERSION, new Reason("no", "No."));
      }
      Prompt prompt =
          new Prompt(
              action.tool().name(),
              "the target",
              "the effect",
              List.of(new Prompt.Field("Amount", action.parameters().get("amount").asText(), true)),
              null,
              List.of(),
              List.of(),
              null,
              digest,
              POLICY_VERSION);
      return new Verdict.ApprovalRequired(
          id,
          now,
          action,
          digest,
          JsonNodeFactory.instance.objectNode(),
          List.of(),
          POLICY_VERSION,
          requirement(action.tool()),
          prompt,
          new Card("t", "t", null),
          null,
          null);
    }

    private Requirement requirement(Tool tool) {
      List<Requirement.Quorum> quorums =
          tool.equals(NEWSLETTER)
              ? List.of(new Requirement.Quorum(List.of("communications"), 1))
              : tool.equals(TRANSFER)
                  ? List.of(new Requirement.Quorum(List.of("finance"), 2))
                  : tool.equals(DROP)
                      ? List.of(
                          new Requirement.Quorum(List.of("finance"), 1),
                          new Requirement.Quorum(List.of("platform"), 1))
                      : List.of(new Requirement.Quorum(List.of("finance"), 9));
      return new Requirement(quorums, Assurance.CODE, DEADLINE, List.of(), List.of(), null);
    }
  }

  /// What the ticket service has on file under an id.
  sealed interface Row {

    default boolean isAnswer() {
      return switch (this) {
        case TakenBack _ -> false;
        case AtOnce _ -> true;
        case Filed it -> !(it.ticket() instanceof Ticket.Pending);
      };
    }

    /// Taken back before its verdict came.
    record TakenBack() implements Row {}

    /// Answered with its verdict.
    record AtOnce(Decision decision) implements Row {}

    record Filed(Ticket ticket, Question question) implements Row {}
  }

  final class Tickets extends Service {
    final Table<Row> rows = new Table<>();

    /// Whose cancellation came in time.
    final Set<ActionId> heard = new HashSet<>();

    Tickets() {
      super("ticket", List.of(Topics.VERDICT, Topics.ACTION_CANCELLED));
    }

    @Override
    void handle(Message message) {
      switch (message.event()) {
        case Verdict verdict -> file(verdict);
        case ActionCancelled cancelled -> cancel(cancelled.actionId());
        case Event other -> throw new IllegalStateException("not read here: " + other.topic());
      }
    }

    private void file(Verdict verdict) {
      ActionId id = verdict.actionId();
      Optional<Row> known = rows.find(id);
      if (known.isPresent() && known.get() instanceof Row.TakenBack) {
        answerAtOnce(decision(id, Decision.Outcome.CANCELLED, "cancelled", null, null, null));
      } else if (known.isEmpty() || defect == Defect.TICKET_OPENS_AGAIN_ON_REDELIVERY) {
        answer(verdict);
      }
    }

    private void answer(Verdict verdict) {
      ActionId id = verdict.actionId();
      switch (verdict) {
        case Verdict.Allowed it ->
            answerAtOnce(decision(id, it.action(), sign(id, it.action(), it.actionDigest())));
        case Verdict.Denied it ->
            answerAtOnce(
                decision(id, Decision.Outcome.DENIED, "denied", it.actionDigest(), null, null));
        case Verdict.Refused it ->
            answerAtOnce(
                decision(id, Decision.Outcome.REFUSED, "refused", it.actionDigest(), null, null));
        case Verdict.ApprovalRequired it -> open(it);
      }
    }

    private void open(Verdict.ApprovalRequired it) {
      switch (TicketMachine.open(it.requirement(), electorate(it.action().agent()))) {
        case Opening.Unsatisfiable no ->
            answerAtOnce(
                decision(
                    it.actionId(),
                    Decision.Outcome.REFUSED,
                    no.reason().code(),
                    it.actionDigest(),
                    null,
                    null));
        case Opening.Opens _ -> {
          Question question =
              new Question(
                  it.action(),
                  it.actionDigest(),
                  it.prompt(),
                  it.prompt().digest(),
                  it.card(),
                  it.requirement(),
                  now,
                  now.plus(it.requirement().deadline()),
                  null);
          rows.put(
              it.actionId(),
              now,
              new Row.Filed(new Ticket.Pending(it.actionId(), 1, question, List.of()), question));
        }
      }
    }

    private void answerAtOnce(Decision decision) {
      commit(decision.actionId(), new Row.AtOnce(decision), decision);
    }

    private void cancel(ActionId id) {
      if (!isAnswered(id)) {
        heard.add(id);
      }
      if (rows.find(id).isPresent()) {
        apply(id, new Command.Cancel(now, "proposer", null));
      } else if (defect != Defect.CANCEL_BEFORE_VERDICT_IS_DROPPED) {
        rows.put(id, now, new Row.TakenBack());
      }
    }

    void expire() {
      rows.ids().forEach(id -> apply(id, new Command.Expire(now)));
    }

    void apply(ActionId id, Command command) {
      if (rows.find(id).orElse(null) instanceof Row.Filed(Ticket ticket, Question question)) {
        switch (TicketMachine.decide(ticket, command)) {
          case Outcome.Counted counted ->
              rows.put(id, now, new Row.Filed(counted.ticket(), question));
          case Outcome.Answered answered ->
              commit(
                  id,
                  new Row.Filed(answered.ticket(), question),
                  event(answered.ticket(), question));
          case Outcome.Unchanged _, Outcome.Refused _ -> {}
        }
      }
    }

    private Event event(Ticket answer, Question question) {
      ActionId id = answer.actionId();
      Digest digest = question.actionDigest();
      return switch (answer) {
        case Ticket.Approved _ ->
            decision(id, question.action(), sign(id, question.action(), digest));
        case Ticket.Rejected it ->
            decision(id, Decision.Outcome.REJECTED, it.reason().code(), digest, null, null);
        case Ticket.Cancelled it ->
            decision(id, Decision.Outcome.CANCELLED, it.reason().code(), digest, null, null);
        case Ticket.Expired it -> new Expired(id, it.at(), it.reason());
        case Ticket.Pending _ -> throw new IllegalStateException("pending is no answer");
      };
    }

    private void commit(ActionId id, Row row, Event event) {
      if (defect == Defect.TICKET_TELLS_BEFORE_IT_COMMITS && dies()) {
        append(new Message("ticket/early/" + crashes, event.topic(), event));
        crash();
        return;
      }
      rows.put(id, now, row);
      emit(event);
    }

    private String sign(ActionId id, Action action, Digest digest) {
      String token = "grant-" + signed.size();
      signed.put(
          token,
          new Grant(
              ISSUER,
              action.tool().toolset(),
              action.agent().id(),
              id,
              now,
              now.plus(GRANT),
              Grant.TOOL_CALL,
              List.of(action.tool().toString()),
              id.toString(),
              digest,
              action.agent(),
              List.of()));
      return token;
    }

    private boolean isAnswered(ActionId id) {
      return rows.find(id).filter(Row::isAnswer).isPresent();
    }

    boolean isApproved(ActionId id) {
      return rows.find(id)
          .filter(row ->
              switch (row) {
                case Row.TakenBack _ -> false;
                case Row.AtOnce it -> it.decision().outcome() == Decision.Outcome.APPROVED;
                case Row.Filed it -> it.ticket() instanceof Ticket.Approved;
              })
          .isPresent();
    }

    private Optional<Ticket.Pending> anyPending() {
      List<Ticket.Pending> pending = new ArrayList<>();
      for (ActionId id : rows.ids()) {
        if (rows.find(id).orElse(null) instanceof Row.Filed it
            && it.ticket() instanceof Ticket.Pending open) {
          pending.add(open);
        }
      }
      return pending.isEmpty() ? Optional.empty() : Optional.of(any(pending));
    }

    @Override
    void drain() {
      super.drain();
      expire();
    }
  }

  enum State {
    SUSPECT,
    READY,
    STARTED,
    DONE
  }

  /// An execution as a row. `action` is absent while only a changed copy was seen.
  record Run(
      State state,
      int attempt,
      String instance,
      Instant leaseUntil,
      Grant grant,
      Optional<Action> action) {

    Run at(State next) {
      return new Run(next, attempt, instance, leaseUntil, grant, action);
    }

    Run claimedBy(String next, Instant until) {
      return new Run(State.STARTED, attempt + 1, next, until, grant, action);
    }

    boolean isIdempotent() {
      return action.map(Action::tool).filter(IDEMPOTENT::contains).isPresent();
    }
  }

  /// Intent, effect, outcome, by two instances that share the rows and nothing else.
  final class Executor extends Service {
    final Table<Run> rows = new Table<>();
    private final List<Instance> instances = new ArrayList<>();
    private int born;

    /// What one process has in hand: it dies with it.
    private final class Instance {
      private final String name = "executor-" + born++;
      private final Map<ActionId, Run> begun = new LinkedHashMap<>();
      private final Map<ActionId, Execution.Status> ended = new LinkedHashMap<>();
    }

    Executor() {
      super("executor", List.of(Topics.DECISION));
      instances.add(new Instance());
      instances.add(new Instance());
    }

    @Override
    void crash() {
      super.crash();
      instances.set(random.nextInt(instances.size()), new Instance());
    }

    @Override
    void handle(Message message) {
      Decision decision = (Decision) message.event();
      Grant grant = decision.grant() == null ? null : signed.get(decision.grant());
      if (grant == null) {
        return;
      }
      if (defect == Defect.EXECUTOR_BELIEVES_THE_TOPIC) {
        enter(decision.actionId(), grant, State.READY, Optional.ofNullable(decision.action()));
        return;
      }
      switch (Judgement.of(decision, grant, ISSUER, NO_VOTES)) {
        case Judgement.Permitted it ->
            enter(it.actionId(), it.grant(), State.READY, Optional.of(it.action()));
        case Judgement.Tampered it -> {
          enter(it.grant().actionId(), it.grant(), State.SUSPECT, Optional.empty());
          emit(Topics.DEAD_LETTER, decision);
        }
        case Judgement.Forged _ -> emit(Topics.DEAD_LETTER, decision);
      }
    }

    private void enter(ActionId id, Grant grant, State state, Optional<Action> action) {
      Optional<Run> known = rows.find(id);
      boolean truth = state == State.READY && known.map(Run::state).orElse(state) == State.SUSPECT;
      if (known.isEmpty() || truth || defect == Defect.EXECUTOR_FORGETS_WHAT_IT_TOOK) {
        rows.put(id, now, new Run(state, 0, "", now, grant, action));
      }
    }

    void step() {
      Instance instance = any(instances);
      switch (random.nextInt(8)) {
        case 0, 1 -> {
          var _ = claim(instance);
        }
        case 2, 3, 4 -> perform(instance);
        case 5, 6 -> finish(instance);
        default -> sweep(instance);
      }
      if (dies()) {
        crash();
      }
    }

    private boolean claim(Instance instance) {
      for (ActionId id : rows.ids()) {
        Run run = rows.find(id).orElseThrow();
        if (run.state() == State.READY && now.isBefore(run.grant().expiresAt())) {
          if (defect == Defect.EXECUTOR_ACTS_BEFORE_ITS_INTENT) {
            call(id, run);
            if (dies()) {
              crash();
              return true;
            }
          }
          Run claimed = run.claimedBy(instance.name, now.plus(LEASE));
          rows.put(id, now, claimed);
          instance.begun.put(id, claimed);
          return true;
        }
      }
      return false;
    }

    private void perform(Instance instance) {
      instance.begun.entrySet().stream()
          .filter(each -> !instance.ended.containsKey(each.getKey()))
          .findFirst()
          .ifPresent(
              each -> instance.ended.put(each.getKey(), outcome(each.getKey(), each.getValue())));
    }

    private Execution.Status outcome(ActionId id, Run run) {
      if (now.isAfter(run.leaseUntil().minus(LEASE.dividedBy(3)))) {
        // It stood still since the claim: nothing is run now, but an attempt before may have been.
        return run.attempt() == 1 || defect == Defect.EXECUTOR_FORGETS_AN_EARLIER_ATTEMPT
            ? Execution.Status.FAILED
            : Execution.Status.UNKNOWN;
      }
      if (defect != Defect.EXECUTOR_ACTS_BEFORE_ITS_INTENT) {
        call(id, run);
      }
      return Execution.Status.SUCCEEDED;
    }

    private void call(ActionId id, Run run) {
      Action action = run.action().orElseThrow();
      calls.add(new Call(id, action.tool(), action.digest(id), now, tickets.isApproved(id)));
    }

    private void finish(Instance instance) {
      instance.ended.entrySet().stream()
          .findFirst()
          .ifPresent(each -> {
            ActionId id = each.getKey();
            Run mine = Objects.requireNonNull(instance.begun.get(id));
            // The fence: whoever lost its lease to another has nothing to say any more.
            if (rows.find(id).orElseThrow().equals(mine)) {
              end(id, mine, each.getValue());
            }
            instance.ended.remove(id);
            instance.begun.remove(id);
          });
    }

    private void sweep(Instance instance) {
      for (ActionId id : rows.ids()) {
        Run run = rows.find(id).orElseThrow();
        boolean over = !now.isBefore(run.grant().expiresAt());
        switch (run.state()) {
          case SUSPECT, READY -> {
            if (over) {
              end(id, run, run.attempt() > 0 ? Execution.Status.UNKNOWN : Execution.Status.REFUSED);
            }
          }
          case STARTED -> {
            if (now.isAfter(run.leaseUntil())
                && !instance.begun.containsKey(id)
                && defect != Defect.EXECUTOR_LEAVES_WHAT_WAS_BEGUN) {
              boolean again =
                  run.isIdempotent() || defect == Defect.EXECUTOR_RETRIES_WHAT_WAS_BEGUN;
              if (again && !over) {
                rows.put(id, now, run.at(State.READY));
              } else {
                end(id, run, Execution.Status.UNKNOWN);
              }
            }
          }
          case DONE -> {}
        }
      }
    }

    private void end(ActionId id, Run run, Execution.Status status) {
      rows.put(id, now, run.at(State.DONE));
      emit(
          new Execution(
              id, now, status, run.attempt(), null, now, run.grant().actionDigest(), null, null));
    }

    @Override
    void drain() {
      super.drain();
      for (Instance instance : instances) {
        do {
          perform(instance);
          finish(instance);
        } while (claim(instance) || !instance.begun.isEmpty());
        sweep(instance);
      }
    }
  }

  /// Every event of every topic once.
  final class Log extends Service {
    final List<Message> entries = new ArrayList<>();
    private final Set<String> known = new HashSet<>();

    Log() {
      super("audit", Topics.ALL.stream().filter(topic -> !topic.equals(Topics.AUDIT)).toList());
    }

    @Override
    void handle(Message message) {
      if (known.add(message.id())) {
        entries.add(message);
      }
    }
  }
}
