package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Payload;
import org.jspecify.annotations.Nullable;

/// Which agent called which tool, as the log has it; what is not said is empty.
record Caller(String agent, String session, String toolset, String tool) {

  static final Caller UNKNOWN = new Caller("", "", "", "");

  /// From whatever has an agent and a tool in it.
  static Caller of(JsonNode json) {
    return new Caller(
        Gist.text(json, "/agent/id"),
        Gist.text(json, "/agent/session"),
        Gist.text(json, "/tool/toolset"),
        Gist.text(json, "/tool/name"));
  }

  /// From a proposal's bytes, whatever they are.
  static Caller of(byte @Nullable [] proposal) {
    if (proposal == null) {
      return UNKNOWN;
    }
    try {
      return of(Payload.event(EventJson.readTree(proposal)));
    } catch (IllegalArgumentException e) {
      // Anybody with the topic may have written it.
      return UNKNOWN;
    }
  }

  boolean known() {
    return !agent.isEmpty() || !tool.isEmpty();
  }

  /// Toolset and name, as policies spell them.
  String call() {
    return toolset.isEmpty() || tool.isEmpty() ? tool : toolset + "/" + tool;
  }
}
