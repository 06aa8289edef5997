package dev.countersign.audit.outbound;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.audit.domain.Entry;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// What one transaction writes of the log.
///
/// @param from the size before it
/// @param to the tree after it
/// @param rows the entries, as JSON
/// @param nodes those that are complete now, as JSON
/// @param note the signed checkpoint
record LogGrowth(long from, Frontier to, String rows, String nodes, String note) {

  private static final JsonFactory JSON = new JsonFactory();

  /// @param signed the checkpoint of the tree that comes of it
  static LogGrowth of(Frontier from, List<Entry> entries, Function<Frontier, Note> signed) {
    StringWriter rows = new StringWriter(1_024 * entries.size());
    StringWriter nodes = new StringWriter();
    List<Hash> hashes = new ArrayList<>(entries.size());
    Frontier to;
    try (JsonGenerator json = JSON.createGenerator(rows);
        JsonGenerator complete = JSON.createGenerator(nodes)) {
      json.writeStartArray();
      for (Entry entry : entries) {
        Hash hash = Hash.ofLeaf(entry.leaf());
        write(json, from.size() + hashes.size(), hash, entry);
        hashes.add(hash);
      }
      json.writeEndArray();
      complete.writeStartArray();
      to = from.append(hashes, (level, index, hash) -> write(complete, level, index, hash));
      complete.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new LogGrowth(
        from.size(), to, rows.toString(), nodes.toString(), signed.apply(to).toString());
  }

  private static void write(JsonGenerator json, long index, Hash leafHash, Entry entry)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField("idx", index);
    json.writeStringField("event_id", entry.eventId().hex());
    json.writeStringField("leaf_hash", leafHash.hex());
    json.writeStringField("entry", new String(entry.leaf(), StandardCharsets.UTF_8));
    if (entry.actionId() != null) {
      json.writeStringField("action_id", entry.actionId().toString());
    }
    json.writeStringField("topic", entry.topic());
    if (entry.traceparent() != null) {
      json.writeStringField("traceparent", entry.traceparent());
    }
    if (entry.salt() != null) {
      json.writeBinaryField("salt", entry.salt());
    }
    if (entry.key() != null) {
      json.writeBinaryField("key", entry.key());
    }
    if (entry.value() != null) {
      json.writeBinaryField("value", entry.value());
    }
    // As text: U+0000 in a name, which the column keeps, json_to_recordset refuses.
    json.writeStringField("headers", entry.headers());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, int level, long index, Hash hash) {
    try {
      json.writeStartObject();
      json.writeNumberField("level", level);
      json.writeNumberField("idx", index);
      json.writeStringField("hash", hash.hex());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
