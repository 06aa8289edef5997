package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.countersign.audit.domain.Entry;
import dev.countersign.events.ActionId;
import dev.countersign.events.Audit;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Elections;
import dev.countersign.messaging.Publisher;
import dev.countersign.messaging.Trace;
import dev.countersign.tlog.Hash;
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
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Publishes the log's entries on `audit`, in order, from where it left off: from memory, where
/// this process has just appended them. If the process dies between sending and noting it, the same
/// entries go out again under the same `ce_id`.
@ApplicationScoped
public class PublishEntries {

  private static final int BATCH = 1_000;
  private static final Duration NET = Duration.ofSeconds(1);
  private static final String CHANNEL = "audit_leaf";

  // Up to the head only: what is behind it is committed, and in order.
  private static final String UNPUBLISHED =
      """
      select l.idx, l.leaf_hash, l.entry, l.action_id, l.traceparent, l.appended_at, c.note
      from leaf l left join checkpoint c on c.size = l.idx + 1
      where l.idx >= ? and l.idx < (select size from state)
      order by l.idx
      limit
      """
          + BATCH;

  /// What is told of an entry.
  private record Told(
      long index,
      Instant at,
      Hash leafHash,
      String leaf,
      @Nullable ActionId action,
      @Nullable String traceparent,
      @Nullable String checkpoint) {

    private static Told of(ResultSet row) throws SQLException {
      String action = row.getString(4);
      return new Told(
          row.getLong(1),
          row.getObject(6, OffsetDateTime.class).toInstant(),
          Hash.of(row.getBytes(2)),
          row.getString(3),
          action == null ? null : ActionId.of(action),
          row.getString(5),
          row.getString(7));
    }

    private static Told of(Tail.Logged logged) {
      Entry entry = logged.entry();
      return new Told(
          logged.index(),
          logged.at(),
          logged.leafHash(),
          new String(entry.leaf(), StandardCharsets.UTF_8),
          entry.actionId(),
          entry.traceparent(),
          logged.checkpoint());
    }
  }

  private final Elections elections;
  private final Tail tail;
  private final Publisher publisher;
  private final Integrity integrity;
  private final String source;

  @Inject
  PublishEntries(
      Elections elections,
      Tail tail,
      Publisher publisher,
      Integrity integrity,
      @ConfigProperty(name = "quarkus.application.name") String application) {
    this.elections = elections;
    this.tail = tail;
    this.publisher = publisher;
    this.integrity = integrity;
    this.source = "urn:countersign:" + application;
  }

  void onStart(@Observes StartupEvent event) {
    elections.start("publish-entries", CHANNEL, NET, this::publish);
  }

  private boolean publish(Connection connection) throws Exception {
    // What follows a broken log's end was never to be signed.
    integrity.require();
    Positions positions = Positions.read(connection, "published");
    long published = positions.follower();
    List<Tail.Logged> kept = tail.from(connection, published, positions.head(), BATCH);
    List<ProducerRecord<byte[], byte[]>> records =
        kept.isEmpty()
            ? read(connection, published)
            : kept.stream().map(each -> record(Told.of(each))).toList();
    if (records.isEmpty()) {
      return false;
    }
    publisher.publish(records);
    try (PreparedStatement update =
        connection.prepareStatement("update published set size = ? where size = ?")) {
      update.setLong(1, published + records.size());
      update.setLong(2, published);
      update.executeUpdate();
    }
    return published + records.size() < positions.head();
  }

  private List<ProducerRecord<byte[], byte[]>> read(Connection connection, long from)
      throws SQLException {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(UNPUBLISHED)) {
      select.setLong(1, from);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          records.add(record(Told.of(row)));
        }
      }
    }
    return records;
  }

  private ProducerRecord<byte[], byte[]> record(Told told) {
    String action = told.action == null ? null : told.action.toString();
    Audit audit =
        new Audit(
            told.action,
            told.at,
            told.index,
            Digest.ofHex(told.leafHash.hex()),
            // As it stands: its bytes are what was hashed.
            JsonNodeFactory.instance.rawValueNode(new RawValue(told.leaf)),
            told.checkpoint);
    byte[] key = action == null ? null : utf8(action);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(Topics.AUDIT, key, EventJson.write(audit));
    String trace = Trace.orNew(told.traceparent);
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", Long.toString(told.index));
    header(record, "ce_source", source);
    header(record, "ce_type", Topics.type(Topics.AUDIT));
    header(record, "ce_time", told.at.toString());
    header(record, "ce_subject", action);
    header(record, "ce_traceparent", trace);
    header(record, "traceparent", trace);
    header(record, "content-type", "application/json");
    return record;
  }

  private static void header(
      ProducerRecord<byte[], byte[]> record, String name, @Nullable String value) {
    if (value != null) {
      record.headers().add(name, utf8(value));
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
