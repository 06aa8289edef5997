package dev.countersign.audit.application;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/// What the log has of its own reading, over the connection of an elected task.
record ReadingTables(Connection connection) {

  private static final int MOST_GAPS = 20;

  private static final String SAY =
      """
      insert into on_kafka (topic, partition, topic_id, beginning, past, asked_at)
      values (?, ?, ?, ?, ?, now())
      on conflict (topic, partition) do update set topic_id = excluded.topic_id,
        beginning = excluded.beginning, past = excluded.past, asked_at = excluded.asked_at
      """;

  private static final String GAPS =
      """
      select g.gap, g.topic, g.partition, g.first, g.past, g.lost from gap g
      where not exists (select from gap_looked_into l where l.gap = g.gap)
      order by g.gap <= ?, g.gap
      limit
      """
          + MOST_GAPS;

  private static final String NOTE =
      "insert into gap (topic, partition, kind, first, past, lost) values (?, ?, 'anew', ?, ?, ?)";

  // One statement each: the gap, the new beginning, and what Kafka says now commit together. By
  // what it said before, the next round would note the same loss once more.
  private static final String CUT_OFF = "with said as (" + SAY + ") " + NOTE;
  private static final String ANEW =
      "with said as ("
          + SAY
          + "), noted as ("
          + NOTE
          + ") update reading set next = ? where topic = ? and partition = ?";

  private static final String GONE =
      """
      with moved as (
        insert into reading (topic, partition, next, records, entries) values (?, ?, ?, 0, 0)
        on conflict (topic, partition) do update set next = excluded.next where reading.next = ?
        returning topic, partition
      )
      insert into gap (topic, partition, kind, first, past)
      select topic, partition, 'skipped', ?, ? from moved
      """;

  private static final String LOOKED_INTO =
      """
      insert into gap_looked_into (gap, found, missing) values (?, ?, ?)
      on conflict (gap) do nothing
      """;

  /// A gap that nobody has looked into.
  ///
  /// @param lost of a topic that was made anew or cut off: what was on it and stands nowhere now
  record Gap(long id, TopicPartition partition, long first, long past, long lost) {}

  /// The offset that each partition is read from next.
  Map<TopicPartition, Long> next() throws SQLException {
    Map<TopicPartition, Long> next = new HashMap<>();
    try (Statement select = connection.createStatement();
        ResultSet row = select.executeQuery("select topic, partition, next from reading")) {
      while (row.next()) {
        next.put(partition(row, 1), row.getLong(3));
      }
    }
    return next;
  }

  /// What Kafka said last.
  Map<TopicPartition, Broker.Extent> onKafka() throws SQLException {
    Map<TopicPartition, Broker.Extent> said = new HashMap<>();
    try (Statement select = connection.createStatement();
        ResultSet row =
            select.executeQuery(
                "select topic, partition, topic_id, beginning, past from on_kafka")) {
      while (row.next()) {
        said.put(
            partition(row, 1), new Broker.Extent(row.getString(3), row.getLong(4), row.getLong(5)));
      }
    }
    return said;
  }

  /// Keeps what Kafka says now.
  void onKafka(Map<TopicPartition, Broker.Extent> extents) throws SQLException {
    try (PreparedStatement say = connection.prepareStatement(SAY)) {
      for (Map.Entry<TopicPartition, Broker.Extent> each : extents.entrySet()) {
        say(say, each.getKey(), each.getValue());
        say.addBatch();
      }
      say.executeBatch();
    }
  }

  private static void say(PreparedStatement say, TopicPartition partition, Broker.Extent extent)
      throws SQLException {
    say.setString(1, partition.topic());
    say.setInt(2, partition.partition());
    say.setString(3, extent.topicId());
    say.setLong(4, extent.beginning());
    say.setLong(5, extent.past());
  }

  /// Notes that a topic begins anew, and that it is to be read from its beginning.
  void noteAnew(TopicPartition partition, Broker.Extent now, long first, long past, long lost)
      throws SQLException {
    try (PreparedStatement note = connection.prepareStatement(ANEW)) {
      cutOff(note, partition, now, first, past, lost);
      note.setLong(11, now.beginning());
      note.setString(12, partition.topic());
      note.setInt(13, partition.partition());
      note.executeUpdate();
    }
  }

  /// Notes that a topic lost what was not read yet.
  void noteCutOff(TopicPartition partition, Broker.Extent now, long first, long past, long lost)
      throws SQLException {
    try (PreparedStatement note = connection.prepareStatement(CUT_OFF)) {
      cutOff(note, partition, now, first, past, lost);
      note.executeUpdate();
    }
  }

  private static void cutOff(
      PreparedStatement note,
      TopicPartition partition,
      Broker.Extent now,
      long first,
      long past,
      long lost)
      throws SQLException {
    say(note, partition, now);
    note.setString(6, partition.topic());
    note.setInt(7, partition.partition());
    note.setLong(8, first);
    note.setLong(9, past);
    note.setLong(10, lost);
  }

  /// Notes that Kafka dropped what was to be read next, or first, unless reading went on meanwhile.
  void noteGone(TopicPartition partition, long next, long beginning) throws SQLException {
    try (PreparedStatement note = connection.prepareStatement(GONE)) {
      note.setString(1, partition.topic());
      note.setInt(2, partition.partition());
      note.setLong(3, beginning);
      note.setLong(4, next);
      note.setLong(5, next);
      note.setLong(6, beginning);
      note.executeUpdate();
    }
  }

  /// Notes that nothing is to be read up to here, unless reading went on meanwhile.
  void moveOn(TopicPartition partition, long next, long past) throws SQLException {
    try (PreparedStatement move =
        connection.prepareStatement(
            "update reading set next = ? where topic = ? and partition = ? and next = ?")) {
      move.setLong(1, past);
      move.setString(2, partition.topic());
      move.setInt(3, partition.partition());
      move.setLong(4, next);
      move.executeUpdate();
    }
  }

  /// The next ones after this, and then from the first again: those that can't be looked into keep
  /// no others waiting.
  List<Gap> gapsToLookInto(long after) throws SQLException {
    List<Gap> gaps = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(GAPS)) {
      select.setLong(1, after);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          gaps.add(
              new Gap(
                  row.getLong(1),
                  partition(row, 2),
                  row.getLong(4),
                  row.getLong(5),
                  row.getLong(6)));
        }
      }
    }
    return gaps;
  }

  void lookedInto(Gap gap, long found, long missing) throws SQLException {
    try (PreparedStatement note = connection.prepareStatement(LOOKED_INTO)) {
      note.setLong(1, gap.id());
      note.setLong(2, found);
      note.setLong(3, missing);
      note.executeUpdate();
    }
  }

  private static TopicPartition partition(ResultSet row, int column) throws SQLException {
    return new TopicPartition(row.getString(column), row.getInt(column + 1));
  }
}
