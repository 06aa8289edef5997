package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/// `./countersign agent-key`, `agent-keys` and `revoke-key`: what agents prove themselves with at
/// the gateway.
final class Keying {

  private static final String USAGE =
      "./countersign agent-key AGENT [--platform NAME] [--toolsets NAME,NAME] [--days NUMBER]";

  private final JsonDoor gateway;
  private final PrintStream out;

  Keying(JsonDoor gateway, PrintStream out) {
    this.gateway = gateway;
    this.out = out;
  }

  /// Prints a new key, this once: the key alone on standard output's last line, for scripts.
  int make(List<String> words) throws InterruptedException {
    ObjectNode body = JsonLines.JSON.createObjectNode();
    List<String> names = new ArrayList<>();
    Iterator<String> left = words.iterator();
    while (left.hasNext()) {
      String word = left.next();
      if (!word.startsWith("--")) {
        names.add(word);
      } else if (left.hasNext()) {
        option(body, word, left.next());
      } else {
        throw new StartRefused(word + " wants something behind it: " + USAGE);
      }
    }
    if (names.size() != 1) {
      throw new StartRefused("say for which agent: " + USAGE);
    }
    JsonNode issued = gateway.post("/v1/operator/agent-keys", body.put("agent", names.getFirst()));
    out.printf(
        Locale.ROOT,
        """
        countersign: a key of %s, good until %s; it is shown this once and kept nowhere
        Send it as "Authorization: Bearer …"; ./countersign revoke-key %s takes it away.
        %s
        """,
        text(issued, "agent"),
        text(issued, "expiresAt"),
        text(issued, "id"),
        text(issued, "key"));
    return 0;
  }

  private static void option(ObjectNode body, String option, String value) {
    switch (option) {
      case "--platform" -> body.put("platform", value);
      case "--toolsets" -> {
        ArrayNode toolsets = body.putArray("toolsets");
        List.of(value.split(",", -1)).forEach(toolsets::add);
      }
      case "--days" -> {
        if (!value.matches("[1-9]\\d{0,2}")) {
          throw new StartRefused("--days wants a number of days from 1 to 366");
        }
        body.put("valid", "P" + value + "D");
      }
      default -> throw new StartRefused("\"" + option + "\" means nothing here: " + USAGE);
    }
  }

  /// All keys there ever were, or those of one agent.
  int list(List<String> words) throws InterruptedException {
    if (words.size() > 1) {
      throw new StartRefused("say one agent, or none for all: ./countersign agent-keys [AGENT]");
    }
    String query =
        words.isEmpty()
            ? ""
            : "?agent=" + URLEncoder.encode(words.getFirst(), StandardCharsets.UTF_8);
    JsonNode keys = gateway.get("/v1/operator/agent-keys" + query).path("keys");
    if (keys.isEmpty()) {
      out.println("countersign: there is no key");
    }
    for (JsonNode each : keys) {
      out.printf(
          Locale.ROOT,
          "%s  %s%s, %s, until %s%s%n",
          text(each, "id"),
          text(each, "agent"),
          each.has("platform") ? " of " + text(each, "platform") : "",
          each.has("toolsets") ? "toolsets " + toolsets(each) : "all toolsets",
          text(each, "expiresAt"),
          each.has("revokedAt") ? ", revoked " + text(each, "revokedAt") : "");
    }
    return 0;
  }

  private static String toolsets(JsonNode key) {
    List<String> names = new ArrayList<>();
    key.path("toolsets").forEach(each -> names.add(each.asText()));
    return String.join(", ", names);
  }

  /// From the next request on the key is good for nothing.
  int revoke(List<String> words) throws InterruptedException {
    if (words.size() != 1 || !words.getFirst().matches("[0-9a-f]{12}")) {
      throw new StartRefused(
          "say which, by its id of 12 digits; ./countersign agent-keys lists them");
    }
    gateway.post(
        "/v1/operator/agent-keys/" + words.getFirst() + "/revoke",
        JsonLines.JSON.createObjectNode());
    out.println("countersign: revoked " + words.getFirst() + "; it is good for nothing any more");
    return 0;
  }

  private static String text(JsonNode json, String member) {
    return json.path(member).asText();
  }
}
