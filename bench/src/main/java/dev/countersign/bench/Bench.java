package dev.countersign.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.demo.Addresses;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Approver;
import dev.countersign.demo.Mailbox;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Drives the running system from outside and prints what it carried, as one JSON line on standard
/// output; progress goes to standard error. Numbers of one run may be compared with each other, and
/// with nothing else.
public final class Bench implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration QUIET = Duration.ofSeconds(2);
  // How many answers are under way at once.
  private static final int HANDS = 512;
  // How many of each kind a round of practice takes at most.
  private static final int PRACTICE = 2_000;

  @FunctionalInterface
  private interface Phase {
    void run(ObjectNode into) throws Exception;
  }

  private final String bootstrapServers;
  private final URI ticketService;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Approver approver;
  private final Parts parts =
      new Parts(Path.of(System.getenv().getOrDefault("COUNTERSIGN_HOME", "")).toAbsolutePath());
  private final ObjectNode result = JsonNodeFactory.instance.objectNode();

  private Bench() {
    Addresses addresses = Addresses.of(System.getenv());
    this.bootstrapServers = addresses.kafka();
    this.ticketService = addresses.ticket();
    this.approver =
        new Approver("alice@acme.example", new Mailbox(addresses.mail()), ticketService, null);
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 1),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /// @param args how many actions each phase takes (default 20000 allowed, 5000 tickets, 5000
  ///   votes, of those tickets), for how many seconds latency is measured (default 20), and how
  ///   often all is practised before (default 6)
  public static void main(String[] args) throws Exception {
    Logger kafka = Logger.getLogger("org.apache.kafka");
    kafka.setLevel(Level.WARNING);
    int allowed = size(args, 0, "ALLOWED", 1, 20_000);
    int tickets = size(args, 1, "TICKETS", 1, 5_000);
    int votes = Math.min(size(args, 2, "VOTES", 1, 5_000), tickets);
    int seconds = size(args, 3, "SECONDS", 1, 20);
    int rounds = size(args, 4, "ROUNDS", 0, 6);
    try (Bench bench = new Bench()) {
      bench.parts.reportMemory(bench.result.putObject("mebibytesAtStart"));
      bench.approver.signIn();
      bench.practise(rounds, Math.min(PRACTICE, allowed), Math.min(PRACTICE, votes));
      // Each phase is measured by itself: what the one before has queued goes out first.
      bench.quiet();
      bench.measure("allowed", into -> bench.allowed(allowed, into));
      List<String> opened = new ArrayList<>();
      bench.measure("tickets", into -> opened.addAll(bench.tickets(tickets, into)));
      bench.quiet();
      List<String> answered = opened.subList(0, votes);
      var forms = bench.read(answered);
      bench.measure("votes", into -> bench.vote(answered, forms, into));
      bench.quiet();
      bench.measure("latencyAt50PerSecond", into -> bench.latencies(seconds, into));
      bench.parts.reportMemory(bench.result.putObject("mebibytes"));
      System.out.println(bench.result);
    }
  }

  /// How many an argument asks for: the usual number where it is left out.
  static int size(String[] args, int at, String name, int least, int usual) {
    int size = args.length > at ? Integer.parseInt(args[at]) : usual;
    if (size < least) {
      throw new IllegalArgumentException(
          "%s is %d; it must be at least %d".formatted(name, size, least));
    }
    return size;
  }

  /// What is measured is a system that has been at work for some minutes: what a service does only
  /// when it is answered is compiled last, and each round is quicker than the one before until
  /// then.
  private void practise(int rounds, int allowed, int votes) throws Exception {
    for (int round = 1; round <= rounds; round++) {
      ObjectNode practice = JsonNodeFactory.instance.objectNode();
      allowed(allowed, practice.putObject("allowed"));
      List<String> opened = tickets(votes, practice.putObject("tickets"));
      quiet();
      vote(opened, read(opened), practice.putObject("votes"));
      say("practice " + round + " of " + rounds + " " + practice);
    }
  }

  private void measure(String name, Phase phase) throws Exception {
    say(name);
    ObjectNode into = result.putObject(name);
    Map<String, Duration> before = parts.processorTime();
    phase.run(into);
    parts.reportProcessorTime(before, into);
    say(into.toString());
  }

  private void allowed(int count, ObjectNode phase) {
    List<String> ids = ids(count);
    List<String> stages = List.of(Topics.VERDICT, Topics.DECISION, Topics.EXECUTION, Topics.AUDIT);
    try (Watch watch = new Watch(bootstrapServers, stages, Watch.of(ids))) {
      long start = System.nanoTime();
      for (String id : ids) {
        send(noop(id));
      }
      producer.flush();
      phase.put("actions", count);
      // Where the time goes: the rate at which each stage had seen them all.
      phase.put("proposedPerSecond", rate(count, start, System.nanoTime()));
      phase.put(
          "judgedPerSecond", rate(count, start, watch.awaitAll(Topics.VERDICT, ids, PATIENCE)));
      phase.put(
          "decidedPerSecond", rate(count, start, watch.awaitAll(Topics.DECISION, ids, PATIENCE)));
      phase.put(
          "executedPerSecond", rate(count, start, watch.awaitAll(Topics.EXECUTION, ids, PATIENCE)));
      phase.put("loggedPerSecond", rate(count, start, watch.awaitAll(Topics.AUDIT, ids, PATIENCE)));
    }
  }

  private List<String> tickets(int count, ObjectNode phase) {
    List<String> ids = ids(count);
    try (Watch watch =
        new Watch(
            bootstrapServers, List.of(Topics.TICKET_OPENED, Topics.NOTIFICATION), Watch.of(ids))) {
      long start = System.nanoTime();
      for (String id : ids) {
        send(transfer(id));
      }
      producer.flush();
      phase.put("actions", count);
      phase.put(
          "openedPerSecond",
          rate(count, start, watch.awaitAll(Topics.TICKET_OPENED, ids, PATIENCE)));
      List<String> mailed = watch.awaitMails(ids, PATIENCE);
      phase.put("mailed", mailed.size());
      if (mailed.isEmpty()) {
        say(
            "nobody was mailed: all are over budget; COUNTERSIGN_CONFIG=bench/config has larger ones");
      } else {
        phase.put(
            "firstMailAcceptedPerSecond",
            rate(mailed.size(), start, watch.awaitAll(Topics.NOTIFICATION, mailed, PATIENCE)));
      }
      return ids;
    }
  }

  /// The pages are read beforehand, by people in their own time; what is measured begins when all
  /// press the button.
  private List<Queue<IntSupplier>> read(List<String> ids) throws Exception {
    List<Queue<IntSupplier>> forms = new ArrayList<>();
    List<Callable<Void>> readers = new ArrayList<>();
    for (int i = 0; i < HANDS; i++) {
      Queue<IntSupplier> mine = new ArrayDeque<>();
      forms.add(mine);
      int first = i;
      readers.add(() -> {
        for (int j = first; j < ids.size(); j += HANDS) {
          mine.add(approver.readyToApprove(ticketService.resolve("/tickets/" + ids.get(j))));
        }
        return null;
      });
    }
    sideBySide(readers);
    return forms;
  }

  private void vote(List<String> ids, List<Queue<IntSupplier>> forms, ObjectNode phase)
      throws Exception {
    try (Watch watch =
        new Watch(bootstrapServers, List.of(Topics.DECISION, Topics.EXECUTION), Watch.of(ids))) {
      long start = System.nanoTime();
      sideBySide(
          forms.stream()
              .<Callable<Void>>map(mine ->
                  () -> {
                    mine.forEach(Bench::press);
                    return null;
                  })
              .toList());
      phase.put("actions", ids.size());
      phase.put(
          "decidedPerSecond",
          rate(ids.size(), start, watch.awaitAll(Topics.DECISION, ids, PATIENCE)));
      phase.put(
          "executedPerSecond",
          rate(ids.size(), start, watch.awaitAll(Topics.EXECUTION, ids, PATIENCE)));
    }
  }

  private static void press(IntSupplier approve) {
    int status = approve.getAsInt();
    if (status != 303) {
      throw new IllegalStateException("the answer was not taken: " + status);
    }
  }

  private static void sideBySide(List<Callable<Void>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> each : threads.invokeAll(tasks)) {
        each.get();
      }
    }
  }

  /// Waits until no mail has gone out and nothing has been logged for a while.
  private void quiet() {
    say("waiting until all mails are out and all is logged");
    List<String> last = List.of(Topics.NOTIFICATION, Topics.AUDIT);
    try (Watch watch = new Watch(bootstrapServers, last, _ -> true)) {
      watch.awaitQuiet(QUIET, PATIENCE);
    }
  }

  private void latencies(int seconds, ObjectNode phase) {
    int count = 50 * seconds;
    List<String> ids = ids(count);
    List<String> asked = ids.subList(0, count / 2);
    List<String> allowed = ids.subList(count / 2, count);
    try (Watch watch =
        new Watch(
            bootstrapServers,
            List.of(
                Topics.ACTION_PROPOSED,
                Topics.TICKET_OPENED,
                Topics.DECISION,
                Topics.EXECUTION,
                Topics.NOTIFICATION),
            Watch.of(ids))) {
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        long due = start + i * TimeUnit.SECONDS.toNanos(1) / 50;
        // An open loop: the next one leaves on time, however the last one fares.
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        send(i % 2 == 0 ? transfer(asked.get(i / 2)) : noop(allowed.get(i / 2)));
      }
      List<String> mailed = watch.awaitMails(asked, PATIENCE);
      watch.awaitAll(Topics.EXECUTION, allowed, PATIENCE);
      phase.put("mailed", mailed.size());
      if (!mailed.isEmpty()) {
        percentiles(
            phase.putObject("proposedToMailAcceptedMillis"),
            watch,
            mailed,
            Topics.ACTION_PROPOSED,
            Topics.NOTIFICATION);
      }
      percentiles(
          phase.putObject("decisionToExecutedMillis"),
          watch,
          allowed,
          Topics.DECISION,
          Topics.EXECUTION);
      percentiles(
          phase.putObject("proposedToExecutedMillis"),
          watch,
          allowed,
          Topics.ACTION_PROPOSED,
          Topics.EXECUTION);
    }
  }

  private static void percentiles(
      ObjectNode into, Watch watch, List<String> ids, String from, String to) {
    long[] took = ids.stream().mapToLong(id -> watch.at(to, id) - watch.at(from, id)).toArray();
    into.put("p50", Watch.percentile(took, 50)).put("p99", Watch.percentile(took, 99));
  }

  private void send(ObjectNode proposal) {
    String id = proposal.path("actionId").asText();
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            Topics.ACTION_PROPOSED, id.getBytes(StandardCharsets.UTF_8), EventJson.write(proposal));
    AgentPlatform.headers(id)
        .forEach((name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    // What Kafka does not take never shows up, and the phase ends with a timeout that says how
    // many.
    var _ = producer.send(record);
  }

  private static ObjectNode noop(String id) {
    return AgentPlatform.proposal(
        ActionId.of(id), "demo", "noop", JsonNodeFactory.instance.objectNode());
  }

  private static ObjectNode transfer(String id) {
    JsonNode parameters =
        EventJson.readTree(
            """
            {"recipient": {"name": "ACME GmbH", "iban": "DE89370400440532013000"},
             "amount": "4820.00", "currency": "EUR"}
            """
                .getBytes(StandardCharsets.UTF_8));
    ObjectNode proposal =
        AgentPlatform.proposal(ActionId.of(id), "payments", "wire_transfer", parameters);
    // A run of its own: asked again in the same run it would be the same question, and no mail.
    proposal.withObject("agent").put("session", "run-" + id);
    return proposal;
  }

  private static List<String> ids(int count) {
    List<String> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(UUID.randomUUID().toString());
    }
    return ids;
  }

  private static double rate(int count, long start, long end) {
    return Math.round(count / ((end - start) / 1e9));
  }

  private static void say(String what) {
    System.err.println("bench: " + what);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
