package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One tool call that is asked for. It is immutable; each method makes another.
///
/// @param tool `toolset/name`
/// @param parameters as they go over the wire
/// @param key the same key is the same proposal, however often it is asked for
/// @param timeout once it is over the proposal goes on waiting, and the same key asks for it again
/// @param intent the agent's own words: `summary`, `reason`, `expectedEffect`, `rollbackPlan`,
///   `confidence`
/// @param annotations what the tool says of itself, as in MCP
/// @param deadline shortens the policy's, never lengthens it
/// @param tell hears each change of what the user should know
public record Proposal(
    String tool,
    JsonNode parameters,
    String key,
    Duration timeout,
    Until until,
    @Nullable Map<String, ?> intent,
    @Nullable Map<String, ?> annotations,
    @Nullable Duration deadline,
    Consumer<Answer> tell) {

  // As the gateway takes it, less what it would strip.
  private static final Pattern KEY = Pattern.compile("[!#-~]|[!#-~][ -~]{0,253}[!-~]");
  private static final Pattern TOOL = Pattern.compile("[^/]+/.+");

  public Proposal {
    if (!TOOL.matcher(tool).matches()) {
      throw new IllegalArgumentException(
          "a tool is named toolset/name, like payments/wire_transfer");
    }
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "a key has 1 to 255 printable ASCII characters; Proposal.runKey makes one of any text");
    }
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout is 0 or more");
    }
    intent = intent == null ? null : copy(intent);
    annotations = annotations == null ? null : copy(annotations);
  }

  /// Of a tool and its exact parameters: a map, a record, a `JsonNode`. Its key is drawn: give one
  /// that outlives a crash, or a retry is a second wish.
  public static Proposal of(String tool, Object parameters) {
    return new Proposal(
        tool,
        Canonical.copy(parameters),
        UUID.randomUUID().toString(),
        Duration.ofMinutes(15),
        Until.EXECUTED,
        null,
        null,
        null,
        answer -> {});
  }

  /// One key of what names a step of a run: its thread and its tool call, for example. A step that
  /// is executed again then finds its own proposal, whatever characters its names have.
  public static String runKey(String... parts) {
    var list = JsonNodeFactory.instance.arrayNode();
    for (String part : parts) {
      list.add(part);
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(Canonical.bytes(list));
      return "run:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  public Proposal key(String other) {
    return new Proposal(
        tool, parameters, other, timeout, until, intent, annotations, deadline, tell);
  }

  public Proposal timeout(Duration other) {
    return new Proposal(tool, parameters, key, other, until, intent, annotations, deadline, tell);
  }

  public Proposal until(Until other) {
    return new Proposal(tool, parameters, key, timeout, other, intent, annotations, deadline, tell);
  }

  public Proposal intent(Map<String, ?> words) {
    return new Proposal(tool, parameters, key, timeout, until, words, annotations, deadline, tell);
  }

  public Proposal annotations(Map<String, ?> other) {
    return new Proposal(tool, parameters, key, timeout, until, intent, other, deadline, tell);
  }

  public Proposal deadline(Duration other) {
    return new Proposal(tool, parameters, key, timeout, until, intent, annotations, other, tell);
  }

  public Proposal tell(Consumer<Answer> other) {
    return new Proposal(
        tool, parameters, key, timeout, until, intent, annotations, deadline, other);
  }

  /// Map.copyOf takes no null, which JSON has.
  private static Map<String, ?> copy(Map<String, ?> members) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(members));
  }

  byte[] body(Map<String, String> agent) {
    int slash = tool.indexOf('/');
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("agent", Canonical.JSON.valueToTree(agent));
    body.putObject("tool")
        .put("toolset", tool.substring(0, slash))
        .put("name", tool.substring(slash + 1));
    body.set("parameters", parameters);
    if (intent != null) {
      body.set("intent", Canonical.JSON.valueToTree(intent));
    }
    if (annotations != null) {
      body.set("annotations", Canonical.JSON.valueToTree(annotations));
    }
    if (deadline != null) {
      body.put("deadline", deadline.toString());
    }
    return Canonical.bytes(body);
  }
}
