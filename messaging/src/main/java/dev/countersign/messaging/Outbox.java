package dev.countersign.messaging;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.common.header.Header;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The way out: what is to be published is written in the transaction of the state that it tells
/// of, and the {@link Relay} sends it. If the process dies before the commit, neither happened;
/// after it, both.
@ApplicationScoped
public class Outbox {

  private static final Logger LOG = Logger.getLogger(Outbox.class);

  /// In bytes. Less than the topics' max.message.bytes, with room for headers.
  public static final int LARGEST_EVENT = 1_000_000;

  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  // As arrays: of one JSON text PostgreSQL would read each value twice. Rows are numbered in the
  // order of the list, whatever plan the database makes.
  private static final String INSERT =
      """
      insert into outbox (topic, key, value, headers)
      select topic, %1$s(key, %2$s), %1$s(value, %2$s), cast(headers as json)
      from unnest(cast(:topics as text[]), cast(:keys as text[]), cast(:values as text[]),
          cast(:headers as text[])) with ordinality as r (topic, key, value, headers, n)
      order by n
      """;

  // An event is text; a dead letter is whatever a stranger sent.
  private static final String INSERT_TEXT = INSERT.formatted("convert_to", "'UTF8'");
  private static final String INSERT_BYTES = INSERT.formatted("decode", "'base64'");

  private record Row(String topic, @Nullable String key, @Nullable String value, String headers) {}

  private final String source;
  private final Set<String> publishes;
  private final Clock clock = Clock.systemUTC();

  @Inject
  Outbox(
      @ConfigProperty(name = "quarkus.application.name") String application,
      @ConfigProperty(name = "countersign.publishes") Set<String> publishes) {
    this.source = "urn:countersign:" + application;
    this.publishes = publishes;
  }

  /// Publishes these, in this order, when the session's transaction commits.
  public Uni<Void> append(Mutiny.StatelessSession session, List<Outgoing> events) {
    return insert(session, INSERT_TEXT, events.stream().map(this::row).toList());
  }

  /// Puts these aside on `dead-letter`, byte for byte, when the session's transaction commits. Of
  /// one that is larger than a record there may be, only what fits: it would stop the relay for
  /// good.
  public Uni<Void> deadLetter(Mutiny.StatelessSession session, List<DeadLetter> letters) {
    List<Row> rows = new ArrayList<>();
    for (DeadLetter each : letters) {
      DeadLetter fitting = each.fitting();
      if (!fitting.equals(each)) {
        LOG.errorf(
            "Dead letter is too large and not kept in full reason=%s topic=%s partition=%d offset=%d",
            each.reason(), each.raw().topic(), each.raw().partition(), each.raw().offset());
      }
      rows.add(row(fitting));
    }
    return insert(session, INSERT_BYTES, rows);
  }

  private static Uni<Void> insert(
      Mutiny.StatelessSession session, String statement, List<Row> rows) {
    if (rows.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    return session
        .createNativeQuery(statement)
        .setParameter("topics", column(rows, Row::topic))
        .setParameter("keys", column(rows, Row::key))
        .setParameter("values", column(rows, Row::value))
        .setParameter("headers", column(rows, Row::headers))
        .executeUpdate()
        .replaceWithVoid();
  }

  private static @Nullable String[] column(List<Row> rows, Function<Row, @Nullable String> member) {
    return rows.stream().map(member).toArray(String[]::new);
  }

  private Row row(Outgoing outgoing) {
    Event event = outgoing.event();
    if (!publishes.contains(event.topic())) {
      throw new IllegalStateException(
          "countersign.publishes does not name " + event.topic() + ": nobody expects it from here");
    }
    byte[] value = EventJson.write(event);
    if (value.length > LARGEST_EVENT) {
      // It would stop the relay for good: what can't be published does not happen.
      throw new IllegalArgumentException(
          "an event of " + value.length + " bytes on " + event.topic() + " fits on no topic");
    }
    String key = event.actionId() == null ? null : event.actionId().toString();
    String trace = Trace.orNew(outgoing.traceparent());
    ArrayNode headers = JsonNodeFactory.instance.arrayNode();
    headers.addArray().add("ce_specversion").add(base64("1.0"));
    headers.addArray().add("ce_id").add(base64(UUID.randomUUID().toString()));
    headers.addArray().add("ce_source").add(base64(source));
    headers.addArray().add("ce_type").add(base64(Topics.type(event.topic())));
    headers.addArray().add("ce_time").add(base64(clock.instant().toString()));
    if (key != null) {
      headers.addArray().add("ce_subject").add(base64(key));
    }
    headers.addArray().add("ce_traceparent").add(base64(trace));
    headers.addArray().add("traceparent").add(base64(trace));
    if (outgoing.signature() != null) {
      headers.addArray().add("ce_signature").add(base64(outgoing.signature()));
    }
    headers.addArray().add("content-type").add(base64("application/json"));
    return new Row(
        event.topic(), key, new String(value, StandardCharsets.UTF_8), headers.toString());
  }

  private static Row row(DeadLetter letter) {
    ArrayNode headers = JsonNodeFactory.instance.arrayNode();
    for (Header header : letter.raw().headers()) {
      headers.addArray().add(header.key()).add(base64(header.value()));
    }
    headers.addArray().add("dl_topic").add(base64(letter.raw().topic()));
    headers.addArray().add("dl_partition").add(base64(Integer.toString(letter.raw().partition())));
    headers.addArray().add("dl_offset").add(base64(Long.toString(letter.raw().offset())));
    headers.addArray().add("dl_reason").add(base64(letter.reason()));
    headers.addArray().add("dl_detail").add(base64(letter.detail()));
    return new Row(
        Topics.DEAD_LETTER,
        base64(letter.raw().key()),
        base64(letter.raw().value()),
        headers.toString());
  }

  private static String base64(String text) {
    return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable String base64(byte @Nullable [] bytes) {
    return bytes == null ? null : BASE64.encodeToString(bytes);
  }
}
