package dev.countersign.audit.application;

import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.EventId;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Payload;
import dev.countersign.events.VoteRecorded;
import dev.countersign.messaging.Elections;
import dev.countersign.tlog.Hash;
import dev.countersign.verifier.HashedRekord;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Appends a leaf for the attestation of each vote that the log holds, so that the vote can be
/// exported as a Sigstore bundle. It follows the log and holds nothing up: while the ticket
/// service's keys can't be had, it waits. If the process dies between appending and noting it, the
/// same leaf comes again and is known.
@ApplicationScoped
public class LogAttestations {

  private static final Logger LOG = Logger.getLogger(LogAttestations.class);
  private static final String CHANNEL = "audit_leaf";
  private static final Duration NET = Duration.ofSeconds(1);
  private static final int BATCH = 200;

  // No more after 4 MiB of payload: sizes are known without reading it.
  private static final String VOTES =
      """
      select idx, event_id, action_id, traceparent, value
      from (
        select l.idx, l.event_id, l.action_id, l.traceparent, p.value,
          sum(coalesce(octet_length(p.value), 0)) over (order by l.idx)
            - coalesce(octet_length(p.value), 0) as bytes_before
        from leaf l left join payload p on p.idx = l.idx
        where l.topic = 'vote-recorded' and l.idx >= ? and l.idx < ?
        order by l.idx
        limit %d) s
      where bytes_before < 4194304
      order by idx
      """
          .formatted(BATCH);

  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  private record Vote(
      long index, Hash eventId, @Nullable String traceparent, byte @Nullable [] value) {}

  private final Elections elections;
  private final AppendToLog log;
  private final TicketKeys keys;

  @Inject
  LogAttestations(Elections elections, AppendToLog log, TicketKeys keys) {
    this.elections = elections;
    this.log = log;
    this.keys = keys;
  }

  void onStart(@Observes StartupEvent event) {
    elections.start("attestations", CHANNEL, NET, this::follow);
  }

  private boolean follow(Connection connection) throws Exception {
    long from = number(connection, "select size from attested");
    long to = number(connection, "select size from state");
    List<Vote> votes = votes(connection, from, to);
    List<Entry> entries = new ArrayList<>();
    for (Vote each : votes) {
      entry(each).ifPresent(entries::add);
    }
    if (!entries.isEmpty()) {
      log.await(log.inLine(entries));
    }
    // However many there were: a batch is short where they are large.
    boolean more = !votes.isEmpty();
    long seen = more ? votes.getLast().index + 1 : to;
    if (seen > from) {
      note(connection, from, seen);
    }
    return more;
  }

  private static long number(Connection connection, String select) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(select)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static List<Vote> votes(Connection connection, long from, long to) throws SQLException {
    List<Vote> votes = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(VOTES)) {
      select.setLong(1, from);
      select.setLong(2, to);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          votes.add(
              new Vote(
                  row.getLong(1), Hash.of(row.getBytes(2)), row.getString(4), row.getBytes(5)));
        }
      }
    }
    return votes;
  }

  /// Empty where the vote's record holds no attestation of the ticket service's.
  private Optional<Entry> entry(Vote vote) throws IOException {
    if (vote.value == null) {
      return Optional.empty();
    }
    VoteRecorded recorded;
    try {
      recorded = EventJson.read(Payload.event(EventJson.readTree(vote.value)), VoteRecorded.class);
    } catch (IllegalArgumentException e) {
      // Anybody with the topic may have written it; it is logged as what it is, and is no vote.
      LOG.warnf("No vote can be read, so it has no attestation leaf index=%d", vote.index);
      return Optional.empty();
    }
    DsseEnvelope envelope = recorded.attestation();
    Optional<byte[]> key = envelope == null ? Optional.empty() : keys.signed(envelope);
    if (envelope == null || key.isEmpty()) {
      LOG.warnf(
          "A vote carries no good attestation actionId=%s index=%d",
          recorded.actionId(), vote.index);
      return Optional.empty();
    }
    return Optional.of(
        new Entry(
            EventId.ofAttestation(vote.eventId),
            null,
            Entry.ATTESTATION,
            recorded.actionId(),
            HashedRekord.leaf(envelope, key.get()),
            vote.traceparent,
            null,
            null,
            null,
            "[]"));
  }

  private static void note(Connection connection, long from, long to) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("update attested set size = ? where size = ?")) {
      update.setLong(1, to);
      update.setLong(2, from);
      update.executeUpdate();
    }
  }
}
