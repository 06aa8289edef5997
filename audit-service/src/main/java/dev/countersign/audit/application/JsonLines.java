package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.verifier.EvidenceFile;
import java.util.Arrays;
import java.util.Base64;

/// Entries as evidence has them, but for the proof: leaf, event, and what proves that the event is
/// the leaf's. The last line has the checkpoint; without it something is missing.
final class JsonLines implements ExportLines {

  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  @Override
  public byte[] head() {
    return new byte[0];
  }

  @Override
  public byte[] line(LoggedEntry entry, Gist gist) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("index", entry.index());
    json.put("topic", entry.topic());
    if (entry.actionId() != null) {
      json.put("actionId", entry.actionId().toString());
    }
    json.put("appendedAt", entry.appendedAt().toString());
    json.put("leafHash", Digest.ofHex(entry.leafHash().hex()).toString());
    json.put("leaf", BASE64.encodeToString(entry.leaf()));
    if (entry.event() != null && EvidenceFile.Item.canBeSaid(entry.event())) {
      json.set("event", entry.event());
    }
    if (entry.value() != null) {
      json.put("value", BASE64.encodeToString(entry.value()));
    }
    if (entry.salt() != null) {
      json.put("salt", BASE64.encodeToString(entry.salt()));
    }
    return line(json);
  }

  @Override
  public byte[] end(PeriodEnd end) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("end", json(end));
    if (end.checkpoint() != null) {
      json.put("checkpoint", end.checkpoint().toString());
    }
    return line(json);
  }

  static ObjectNode json(PeriodEnd end) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("from", end.period().from().toString());
    json.put("to", end.period().to().toString());
    json.put("entries", end.entries());
    if (end.first() != null) {
      json.put("first", end.first());
    }
    if (end.last() != null) {
      json.put("last", end.last());
    }
    return json;
  }

  /// As UTF-8, with the line's end.
  static byte[] line(ObjectNode json) {
    byte[] bytes = EventJson.write(json);
    byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
    line[bytes.length] = '\n';
    return line;
  }
}
