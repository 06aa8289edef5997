package dev.countersign.messaging;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Sends what stands in the outbox, in order, and deletes what the broker has acknowledged. If the
/// process dies between the two, the same records go out again under the same `ce_id`.
@ApplicationScoped
public class Relay {

  private static final int BATCH = 1_000;
  // Dead letters are as large as a stranger likes: a thousand of them would not fit in the heap.
  private static final int MOST_BYTES = 8 * 1024 * 1024;
  private static final Duration NET = Duration.ofSeconds(1);
  // Whoever failed tries again at once, unless it has become another instance's task.
  private static final Duration ANOTHERS = Duration.ofMinutes(1);

  // The first always, and those behind it until they are too many or too much.
  private static final String NEXT =
      """
      select seq, topic, key, value, headers, size
      from (
        select *, sum(size) over (order by seq) - size as before
        from (
          select *, coalesce(octet_length(value), 0) + octet_length(cast(headers as text)) as size
          from outbox order by seq limit %d) as next) as measured
      where before < %d
      order by seq
      """
          .formatted(BATCH, MOST_BYTES);

  private final Elections elections;
  private final Publisher publisher;
  private final boolean enabled;
  private final String role;
  private final MeterRegistry meters;
  private volatile @Nullable Tried tried;

  /// What is next in the outbox and could not be sent yet.
  ///
  /// @param since when it was tried first, by {@link System#nanoTime}
  /// @param failed when it last could not be sent; null while it is being tried
  private record Tried(long seq, long since, @Nullable Long failed) {

    double seconds(long now) {
      boolean anothers = failed != null && now - failed > ANOTHERS.toNanos();
      return anothers ? 0 : (now - since) / 1e9;
    }
  }

  @Inject
  Relay(
      Elections elections,
      Publisher publisher,
      MeterRegistry meters,
      @ConfigProperty(name = "countersign.role") String role,
      @ConfigProperty(name = "countersign.outbox.enabled", defaultValue = "true") boolean enabled) {
    this.elections = elections;
    this.publisher = publisher;
    this.meters = meters;
    this.role = role;
    this.enabled = enabled;
  }

  void onStart(@Observes StartupEvent event) {
    if (enabled) {
      Gauge.builder("countersign.outbox.stuck", this, Relay::stuckSeconds)
          .description("for how long this instance has tried to send what is next in the outbox")
          .baseUnit("seconds")
          .strongReference(true)
          .register(meters);
      elections.start("outbox", role + "_outbox", NET, this::publish);
    }
  }

  private boolean publish(Connection connection) throws Exception {
    List<Long> seqs = new ArrayList<>();
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    long bytes = 0;
    try (PreparedStatement select = connection.prepareStatement(NEXT);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        seqs.add(row.getLong(1));
        records.add(record(row));
        bytes += row.getLong(6);
      }
    }
    if (records.isEmpty()) {
      return false;
    }
    send(seqs.getFirst(), records);
    try (PreparedStatement delete =
        connection.prepareStatement("delete from outbox where seq = any (?)")) {
      delete.setArray(1, connection.createArrayOf("bigint", seqs.toArray()));
      delete.executeUpdate();
    }
    return records.size() == BATCH || bytes >= MOST_BYTES;
  }

  private void send(long first, List<ProducerRecord<byte[], byte[]>> records) throws Exception {
    Tried before = tried;
    long since = before != null && before.seq == first ? before.since : System.nanoTime();
    tried = new Tried(first, since, null);
    try {
      publisher.publish(records);
    } catch (Exception e) {
      tried = new Tried(first, since, System.nanoTime());
      throw e;
    }
    tried = null;
  }

  double stuckSeconds() {
    Tried now = tried;
    return now == null ? 0 : now.seconds(System.nanoTime());
  }

  private static ProducerRecord<byte[], byte[]> record(ResultSet row) throws SQLException {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(row.getString(2), row.getBytes(3), row.getBytes(4));
    JsonNode headers = EventJson.readTree(row.getString(5).getBytes(StandardCharsets.UTF_8));
    for (JsonNode header : headers) {
      record.headers().add(header.get(0).textValue(), bytes(header.get(1)));
    }
    return record;
  }

  private static byte @Nullable [] bytes(JsonNode base64) {
    return base64.isNull() ? null : Base64.getDecoder().decode(base64.textValue());
  }
}
