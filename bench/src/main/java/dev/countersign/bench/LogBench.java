package dev.countersign.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.demo.Addresses;
import dev.countersign.demo.Json;
import dev.countersign.demo.Timeout;
import dev.countersign.events.Topics;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Note;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// What the log carries: how many records of a topic that nobody else reads go from Kafka into the
/// cosigned log in a second, and how long an action's evidence takes when the log is that large.
/// One JSON line on standard output.
public final class LogBench {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final String TOPIC = Topics.TRUST;
  private static final int PROOFS = 200;

  private final Addresses addresses = Addresses.of(System.getenv());
  private final Json json = new Json();

  private LogBench() {}

  /// @param args how many entries; 100,000 if left out
  public static void main(String[] args) throws Exception {
    new LogBench().run(Bench.size(args, 0, "ENTRIES", 1, 100_000));
  }

  private void run(int entries) throws InterruptedException {
    Parts parts = new Parts(Path.of(System.getenv().getOrDefault("COUNTERSIGN_HOME", "")));
    Map<String, Duration> before = parts.processorTime();
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    long size = size();
    List<String> ids = publish(entries);
    long begun = System.nanoTime();
    long first = size;
    // From the moment at which all of them wait in Kafka: nothing but the log is measured.
    long already = size() - first;
    while (size() < first + entries) {
      if (System.nanoTime() - begun > PATIENCE.toNanos()) {
        throw new Timeout("the log has " + (size() - first) + " of " + entries + " entries");
      }
      LockSupport.parkNanos(20_000_000);
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    result.put("entries", entries).put("alreadyLoggedWhenAllWerePublished", already);
    result.put("loggedPerSecond", Math.round((entries - already) / seconds));
    result.put("sizeOfTheLog", size());
    parts.reportProcessorTime(before, result);
    proofs(ids, result);
    System.out.println(result);
  }

  private long size() {
    return size(json, addresses.audit());
  }

  /// How large the log is that is there.
  static long size(Json json, URI audit) {
    // No entry yet, so no checkpoint.
    return json.findText(audit.resolve("/checkpoint"))
        .map(note -> Checkpoint.read(Note.read(utf8(note)).text()).size())
        .orElse(0L);
  }

  private List<String> publish(int entries) {
    List<String> ids = new ArrayList<>();
    String filler = "x".repeat(300);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", addresses.kafka(), "linger.ms", 20),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int n = 0; n < entries; n++) {
        String id = UUID.randomUUID().toString();
        ids.add(id);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(
                TOPIC,
                utf8(id),
                utf8("{\"actionId\":\"" + id + "\",\"filler\":\"" + filler + "\"}"));
        record.headers().add("ce_specversion", utf8("1.0"));
        record.headers().add("ce_id", utf8(id));
        record.headers().add("ce_source", utf8("urn:countersign:bench"));
        record.headers().add("ce_type", utf8(Topics.type(TOPIC)));
        record.headers().add("ce_subject", utf8(id));
        var _ = producer.send(record);
      }
      producer.flush();
    }
    return ids;
  }

  private void proofs(List<String> ids, ObjectNode into) {
    List<Double> times = new ArrayList<>();
    for (int n = 0; n < PROOFS; n++) {
      String id = ids.get((int) ((long) n * ids.size() / PROOFS));
      long begun = System.nanoTime();
      Json.Answer answer = json.get(addresses.audit().resolve("/v1/evidence/" + id));
      times.add((System.nanoTime() - begun) / 1e6);
      if (answer.body().path("entries").size() != 1) {
        throw new IllegalStateException("no evidence of " + id);
      }
    }
    // The first ones are the compiler's.
    List<Double> warm = times.subList(PROOFS / 2, PROOFS).stream().sorted().toList();
    into.put("evidenceMillisecondsMedian", warm.get(warm.size() / 2));
    into.put("evidenceMilliseconds99", warm.get(warm.size() - 2));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
