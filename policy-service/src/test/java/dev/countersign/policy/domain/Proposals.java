package dev.countersign.policy.domain;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// Proposals for tests, read in the way of a stranger's.
public final class Proposals {

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();

  private Proposals(String toolset, String name) {
    json.put("actionId", UUID.randomUUID().toString());
    json.putObject("agent").put("id", "billing-bot");
    json.putObject("tool").put("toolset", toolset).put("name", name);
    json.putObject("parameters");
  }

  public static Proposals proposal(String tool) {
    int slash = tool.indexOf('/');
    return new Proposals(tool.substring(0, slash), tool.substring(slash + 1));
  }

  public Proposals id(String actionId) {
    json.put("actionId", actionId);
    return this;
  }

  public Proposals parameters(String member) {
    return set("parameters", member);
  }

  public Proposals intent(String member) {
    return set("intent", member);
  }

  public Proposals annotations(String member) {
    return set("annotations", member);
  }

  public Proposals agent(String member) {
    return set("agent", member);
  }

  public Proposals batch(String member) {
    return set("batch", member);
  }

  public Proposals session(String session) {
    ((ObjectNode) json.get("agent")).put("session", session);
    return this;
  }

  public Proposals platform(String platform) {
    ((ObjectNode) json.get("agent")).put("platform", platform);
    return this;
  }

  public Proposals deadline(String duration) {
    json.put("deadline", duration);
    return this;
  }

  private Proposals set(String name, String member) {
    json.set(name, EventJson.readTree(member.getBytes(StandardCharsets.UTF_8)));
    return this;
  }

  public byte[] bytes() {
    return EventJson.write(json);
  }

  public ActionProposed build() {
    try {
      return ActionProposed.read(bytes());
    } catch (Bounds.OutOfBounds e) {
      throw new AssertionError(e);
    }
  }
}
