package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.audit.domain.Names;
import dev.countersign.audit.domain.Period;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Events of OCSF 1.9, class API Activity (6003), with the profiles `record_integrity` and, where
/// an agent is known, `ai_operation`. Each event's fingerprint covers that of the one before, so
/// that a line that was changed or left out shows; that the log holds the entry is proven by its
/// leaf.
final class OcsfLines implements ExportLines {

  private static final String VERSION = "1.9.0";
  private static final int CATEGORY = 6;
  private static final int CLASS = 6003;

  /// Create, read, update and delete say nothing of a vote; the name says it.
  private static final int OTHER_ACTIVITY = 99;

  private static final int TYPE = CLASS * 100 + OTHER_ACTIVITY;
  private static final int INFORMATIONAL = 1;
  private static final int SHA_256 = 3;
  private static final String CHECKPOINT = "checkpoint";

  private final String origin;
  private final String chain;
  private @Nullable ObjectNode before;

  OcsfLines(String origin, Period period) {
    this.origin = origin;
    this.chain = origin + "#" + period.from() + "/" + period.to();
  }

  @Override
  public byte[] head() {
    return new byte[0];
  }

  @Override
  public byte[] line(LoggedEntry entry, Gist said) {
    Gist gist = shown(said);
    JsonNode leaf = leaf(entry);
    ObjectNode event = event(origin + "#" + entry.index(), entry.topic());
    ObjectNode metadata = event.withObject("/metadata");
    metadata.put("sequence", entry.index());
    metadata.put("logged_time", entry.appendedAt().toEpochMilli());
    put(metadata, "original_event_uid", Gist.text(leaf, "/id"));
    put(metadata, "original_time", Gist.text(leaf, "/time"));
    put(metadata, "event_code", Gist.text(leaf, "/type"));
    if (entry.actionId() != null) {
      metadata.put("correlation_uid", entry.actionId().toString());
    }
    event.put("time", time(leaf, entry.appendedAt()).toEpochMilli());
    event.put(
        "message",
        gist.outcome().isEmpty() ? entry.topic() : entry.topic() + ": " + gist.outcome());
    status(event, gist.outcome());
    actor(event, gist);
    api(event, entry, gist.caller());
    String source = Gist.text(leaf, "/source");
    event.withObject("/src_endpoint").put("svc_name", source.isEmpty() ? origin : source);
    ObjectNode unmapped = event.withObject("/unmapped");
    unmapped.put("index", entry.index());
    unmapped.put("leafHash", Digest.ofHex(entry.leafHash().hex()).toString());
    unmapped.put("leaf", Base64.getEncoder().encodeToString(entry.leaf()));
    if (entry.event() != null && isCanonicalizable(entry.event())) {
      unmapped.set("event", entry.event());
    }
    return fingerprinted(event);
  }

  @Override
  public byte[] end(PeriodEnd end) {
    ObjectNode event =
        event(chain, CHECKPOINT)
            .put("time", end.period().to().toEpochMilli())
            .put("message", "the checkpoint that covers the events before");
    event.withObject("/actor/application").put("uid", origin).put("name", origin);
    event.withObject("/api").put("operation", CHECKPOINT);
    event.withObject("/src_endpoint").put("svc_name", origin);
    ObjectNode unmapped = event.withObject("/unmapped");
    unmapped.set("end", JsonLines.json(end));
    if (end.checkpoint() != null) {
      unmapped.put(CHECKPOINT, end.checkpoint().toString());
    }
    return fingerprinted(event);
  }

  private ObjectNode event(String uid, String activity) {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("category_uid", CATEGORY).put("category_name", "Application Activity");
    event.put("class_uid", CLASS).put("class_name", "API Activity");
    event.put("activity_id", OTHER_ACTIVITY).put("activity_name", activity);
    event.put("type_uid", TYPE).put("type_name", "API Activity: Other");
    event.put("severity_id", INFORMATIONAL).put("severity", "Informational");
    ObjectNode metadata = event.withObject("/metadata");
    metadata.put("version", VERSION).put("uid", uid).put("log_name", origin);
    metadata.withObject("/product").put("name", "Countersign").put("vendor_name", "Countersign");
    metadata.withArray("/profiles").add("record_integrity");
    return event;
  }

  /// As the index has them: anybody may have written half a character, which RFC 8785 has no form
  /// for.
  private static Gist shown(Gist gist) {
    Caller caller = gist.caller();
    return new Gist(
        new Caller(
            Names.shown(caller.agent()),
            Names.shown(caller.session()),
            Names.shown(caller.toolset()),
            Names.shown(caller.tool())),
        Names.shown(gist.person()),
        Names.shown(gist.outcome()));
  }

  private static void status(ObjectNode event, String outcome) {
    if (outcome.isEmpty()) {
      return;
    }
    int id =
        switch (outcome) {
          case "succeeded", "approved", "allowed" -> 1;
          case "failed", "precondition-failed", "refused", "denied", "rejected", "expired" -> 2;
          case "unknown" -> 0;
          // A word of ours that is neither.
          default -> 99;
        };
    event.put("status_id", id).put("status", outcome);
  }

  private void actor(ObjectNode event, Gist gist) {
    Caller caller = gist.caller();
    ObjectNode actor = event.withObject("/actor");
    if (!gist.person().isEmpty()) {
      actor.withObject("/user").put("uid", gist.person()).put("name", gist.person());
    }
    String application = caller.agent().isEmpty() ? origin : caller.agent();
    actor.withObject("/application").put("uid", application).put("name", application);
    if (!caller.agent().isEmpty()) {
      event.withObject("/metadata").withArray("/profiles").add("ai_operation");
      ObjectNode agent = event.withObject("/ai_agent");
      agent.put("uid", caller.agent()).put("name", caller.agent());
      put(agent, "instance_uid", caller.session());
    }
  }

  private static void api(ObjectNode event, LoggedEntry entry, Caller caller) {
    ObjectNode api = event.withObject("/api");
    api.put("operation", caller.call().isEmpty() ? entry.topic() : caller.call());
    if (!caller.toolset().isEmpty()) {
      api.withObject("/service").put("name", caller.toolset());
    }
    if (entry.actionId() != null) {
      api.withObject("/request").put("uid", entry.actionId().toString());
    }
  }

  private byte[] fingerprinted(ObjectNode event) {
    ObjectNode attestation = JsonNodeFactory.instance.objectNode();
    attestation.put("authority_uid", origin).put("chain_uid", chain);
    if (before != null) {
      attestation.set("prev_event", before);
    }
    event.withArray("/attestation_list").add(attestation);
    // Over all of the event but itself, in the form of RFC 8785.
    String value = Digest.of(Canonical.bytes(event)).hex();
    ObjectNode fingerprint =
        attestation
            .putObject("fingerprint")
            .put("algorithm_id", SHA_256)
            .put("algorithm", "SHA-256")
            .put("value", value);
    before =
        JsonNodeFactory.instance
            .objectNode()
            .put("uid", event.at("/metadata/uid").textValue())
            .put("type_uid", TYPE)
            .set("fingerprint", fingerprint);
    return JsonLines.line(event);
  }

  private static JsonNode leaf(LoggedEntry entry) {
    try {
      return EventJson.readTree(entry.leaf());
    } catch (IllegalArgumentException e) {
      // The database was tampered with; the line says so by its leaf.
      return MissingNode.getInstance();
    }
  }

  private static Instant time(JsonNode leaf, Instant otherwise) {
    try {
      return Instant.parse(Gist.text(leaf, "/time"));
    } catch (DateTimeException e) {
      // An attestation's leaf has none.
      return otherwise;
    }
  }

  private static boolean isCanonicalizable(JsonNode event) {
    try {
      Canonical.bytes(event);
      return true;
    } catch (IllegalArgumentException e) {
      // A number beyond what RFC 8785 has, say; jsonl has it.
      return false;
    }
  }

  private static void put(ObjectNode json, String member, String text) {
    if (!text.isEmpty()) {
      json.put(member, text);
    }
  }
}
