package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.util.RawValue;
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
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Publishes the log's entries on `audit`, in order, from where it left off. If the process dies
/// between sending and noting it, the same entries go out again under the same `ce_id`.
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

  private final Elections elections;
  private final Publisher publisher;
  private final Integrity integrity;
  private final String source;

  @Inject
  PublishEntries(
      Elections elections,
      Publisher publisher,
      Integrity integrity,
      @ConfigProperty(name = "quarkus.application.name") String application) {
    this.elections = elections;
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
    long published = published(connection);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(UNPUBLISHED)) {
      select.setLong(1, published);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          records.add(record(row));
        }
      }
    }
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
    return records.size() == BATCH;
  }

  private static long published(Connection connection) throws SQLException {
    try (Statement select = connection.createStatement();
        ResultSet row = select.executeQuery("select size from published")) {
      row.next();
      return row.getLong(1);
    }
  }

  private ProducerRecord<byte[], byte[]> record(ResultSet row) throws SQLException {
    long index = row.getLong(1);
    String action = row.getString(4);
    Instant at = row.getObject(6, OffsetDateTime.class).toInstant();
    Audit audit =
        new Audit(
            action == null ? null : ActionId.of(action),
            at,
            index,
            Digest.ofHex(Hash.of(row.getBytes(2)).hex()),
            // As it stands: its bytes are what was hashed.
            JsonNodeFactory.instance.rawValueNode(new RawValue(row.getString(3))),
            row.getString(7));
    byte[] key = action == null ? null : utf8(action);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(Topics.AUDIT, key, EventJson.write(audit));
    String trace = Trace.orNew(row.getString(5));
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", Long.toString(index));
    header(record, "ce_source", source);
    header(record, "ce_type", Topics.type(Topics.AUDIT));
    header(record, "ce_time", at.toString());
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
