package dev.countersign.flow;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Event;
import dev.countersign.events.Reason;
import dev.countersign.events.Tool;
import dev.countersign.ticket.domain.TrustWish;
import dev.countersign.verifier.Grant;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
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
      ActionId id,
      String approver,
      Instant at,
      Answer answer,
      boolean sawIt,
      boolean typedIt,
      @Nullable TrustWish wish) {}

  /// A call that reached the target; `decided` says whether the approval was durable by then.
  record Call(ActionId id, Tool tool, Digest digest, Instant at, boolean decided) {}

  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  static final Duration DEADLINE = Duration.ofMinutes(15);

  static final Duration GRANT = Duration.ofMinutes(2);
  static final Duration LEASE = Duration.ofSeconds(30);
  static final String ISSUER = "countersign";
  static final int PARTITIONS = 3;
  static final Digest POLICY_VERSION = Digest.of("policy".getBytes(StandardCharsets.UTF_8));

  static final Tool NOOP = new Tool("demo", "noop");
  static final Tool REPORT = new Tool("files", "write_report");
  static final Tool FORMAT = new Tool("files", "format_disk");
  static final Tool NEWSLETTER = new Tool("crm", "send_newsletter");
  static final Tool TRANSFER = new Tool("payments", "wire_transfer");
  static final Tool DROP = new Tool("database", "drop_database");
  static final Tool CREDIT = new Tool("payments", "credit_note");
  static final Tool ELSEWHERE = new Tool("deploy", "release");
  static final Tool NOBODY = new Tool("payments", "close_bank");
  static final List<Tool> TOOLS =
      List.of(
          NOOP,
          NOOP,
          NOOP,
          REPORT,
          ELSEWHERE,
          ELSEWHERE,
          FORMAT,
          NEWSLETTER,
          TRANSFER,
          TRANSFER,
          DROP,
          DROP,
          NOBODY,
          CREDIT,
          CREDIT,
          CREDIT,
          CREDIT,
          CREDIT);

  /// Runs without people, and which of those may be run twice under one key.
  static final Set<Tool> ALLOWED = Set.of(NOOP, REPORT, ELSEWHERE);

  static final Set<Tool> IDEMPOTENT = Set.of(NOOP);

  final Map<String, List<List<Message>>> topics = new TreeMap<>();
  final List<Call> calls = new ArrayList<>();
  final List<Ballot> ballots = new ArrayList<>();
  final TreeMap<Instant, Map<String, Set<String>>> rosters =
      new TreeMap<>(Map.of(START, SimulatedPeople.GROUPS));
  final SimulatedPolicy policy = new SimulatedPolicy(this);
  final SimulatedTickets tickets = new SimulatedTickets(this);
  final SimulatedExecutor executor = new SimulatedExecutor(this);
  final SimulatedLog log = new SimulatedLog(this);
  final List<SimulatedService> services = List.of(policy, tickets, executor, log);
  final SimulatedPeople people;
  int crashes;
  int restores;

  final Defect defect;
  final Random random;
  final Map<String, Grant> signed = new HashMap<>();
  Instant now = START;
  boolean draining;

  SimulatedSystem(long seed, int actions, Defect defect) {
    this.random = new Random(seed);
    this.defect = defect;
    this.people = new SimulatedPeople(this, actions);
  }

  /// Lets happen what may until all is published and a while longer, then stops the crashes and
  /// lets everything come to its end.
  void run(int steps) {
    for (int i = 0; i < steps || people.haveMoreToPublish(); i++) {
      pass(1 + random.nextInt(longest()));
      step();
    }
    draining = true;
    // Twice the longest of all deadlines, in steps shorter than a grant lives.
    for (int i = 0; i < 2 * DEADLINE.toMinutes(); i++) {
      pass(60_000);
      services.forEach(SimulatedService::drain);
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
      case 0, 1 -> people.publish();
      case 2, 3, 4 -> people.vote();
      case 5 -> rest();
      case 6, 7, 8, 9 -> any(services).relay();
      case 10, 11, 12, 13, 14 -> any(services).poll();
      default -> executor.step();
    }
  }

  private void rest() {
    if (random.nextInt(16) == 0) {
      executor.freeze();
    } else if (random.nextInt(24) == 0) {
      executor.backUpOrPutBack();
    }
    switch (random.nextInt(8)) {
      case 0 -> people.reorganise();
      case 1 -> any(services).crash();
      case 2 -> people.forge();
      case 3 -> tickets.holds.liftAny();
      case 4 -> tickets.trust.revokeAny();
      case 5, 6 -> tickets.judgeAnew();
      default -> tickets.expire();
    }
  }

  boolean dies() {
    return !draining && random.nextInt(40) == 0;
  }

  <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  void append(Message message) {
    partitions(message.topic())
        .get(Math.floorMod(message.event().actionId().hashCode(), PARTITIONS))
        .add(message);
  }

  List<List<Message>> partitions(String topic) {
    return topics.computeIfAbsent(
        topic, _ -> Stream.<List<Message>>generate(ArrayList::new).limit(PARTITIONS).toList());
  }

  Decision decision(ActionId id, @Nullable Action action, @Nullable String grant) {
    Digest digest = Objects.requireNonNull(action).digest(id);
    return decision(id, Decision.Outcome.APPROVED, "approved", digest, action, grant);
  }

  Decision decision(
      ActionId id,
      Decision.Outcome outcome,
      String code,
      @Nullable Digest digest,
      @Nullable Action action,
      @Nullable String grant) {
    return new Decision(
        id, now, outcome, null, new Reason(code, code), digest, action, grant, List.of());
  }
}
