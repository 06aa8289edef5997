package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Shown;
import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// `./countersign tools`: what the MCP servers behind the gate have, what of it gets through, and
/// the lines of `tools.yaml` by which the operator accepts the rest. It changes nothing itself: to
/// accept a tool is a change of that file, which somebody reviews.
final class GatedTools {

  private static final String USAGE = "./countersign tools [TOOLSET] [--at URL]";
  private static final Pattern PLAIN =
      Pattern.compile("(?!(?i:true|false|yes|no|on|off|null|y|n)$)[A-Za-z][A-Za-z0-9 _./-]*");

  private final JsonDoor policy;
  private final LookedAt lookedAt;
  private final PrintStream out;

  GatedTools(JsonDoor policy, LookedAt lookedAt, PrintStream out) {
    this.policy = policy;
    this.lookedAt = lookedAt;
    this.out = out;
  }

  /// Of one toolset, or of all; exit 1 where something that was accepted does not get through.
  /// `--at URL` asks a policy service elsewhere, as one in a cluster.
  int show(List<String> words) throws InterruptedException {
    JsonDoor asked = policy;
    List<String> toolsets = new ArrayList<>();
    Iterator<String> left = words.iterator();
    while (left.hasNext()) {
      String word = left.next();
      if (!word.startsWith("--")) {
        toolsets.add(word);
      } else if (word.equals("--at") && left.hasNext()) {
        asked = at(left.next());
      } else {
        throw new StartRefused("\"" + word + "\" means nothing here: " + USAGE);
      }
    }
    if (toolsets.size() > 1) {
      throw new StartRefused("name one toolset, or none for all: " + USAGE);
    }
    List<JsonNode> servers = new ArrayList<>();
    for (JsonNode each : asked.get("/v1/servers").path("servers")) {
      if (toolsets.isEmpty() || each.path("toolset").asText().equals(toolsets.getFirst())) {
        servers.add(each);
      }
    }
    if (servers.isEmpty()) {
      throw new StartRefused(
          toolsets.isEmpty()
              ? "no toolset in tools.yaml is an MCP server; say server: in one (docs/mcp-gate.md)"
              : "the toolset " + toolsets.getFirst() + " is no MCP server in tools.yaml");
    }
    boolean whole = true;
    for (JsonNode each : servers) {
      whole &= show(each);
    }
    return whole ? 0 : 1;
  }

  private static JsonDoor at(String url) {
    URI service;
    try {
      service = new URI(url);
    } catch (URISyntaxException _) {
      throw noAddress(url);
    }
    if (service.getScheme() == null
        || !service.getScheme().matches("https?")
        || service.getHost() == null
        || !List.of("", "/").contains(service.getRawPath())) {
      throw noAddress(url);
    }
    return new JsonDoor("the policy service", () -> service, null);
  }

  private static StartRefused noAddress(String url) {
    return new StartRefused(
        "\"" + url + "\" is no address of a policy service; say one like http://localhost:8081");
  }

  /// Whether all that the operator accepted gets through.
  private boolean show(JsonNode server) {
    String toolset = server.path("toolset").asText();
    out.printf(
        Locale.ROOT,
        "%s  %s, %s%n",
        toolset,
        server.path("server").asText(),
        server.has("seenAt")
            ? "seen " + server.path("seenAt").asText()
            : "not seen yet: is there an entry " + toolset + "/* in connectors.yaml?");
    if (server.has("problem")) {
      out.println("  can't be asked now: " + Shown.whole(server.path("problem").asText()));
    }
    for (JsonNode each : server.path("leftOut")) {
      out.println("  left out: " + Shown.whole(each.asText()));
    }
    boolean whole = true;
    List<JsonNode> toAccept = new ArrayList<>();
    for (JsonNode tool : server.path("tools")) {
      String state = tool.path("state").asText();
      show(tool, state);
      whole &= state.equals("in-force") || state.equals("new");
      if (List.of("new", "not-pinned", "drifted").contains(state) && tool.has("pin")) {
        toAccept.add(tool);
      }
    }
    if (!toAccept.isEmpty()) {
      accept(toolset, toAccept);
    }
    return whole;
  }

  private void show(JsonNode tool, String state) {
    out.printf(
        Locale.ROOT,
        "  %-17s %s%s%s%n",
        state,
        tool.path("name").asText(),
        state.equals("new") ? "" : ", " + tool.path("mode").asText(),
        hints(tool.path("annotations")));
    if (tool.has("pin")) {
      lookedAt.keep(tool);
    }
    if (state.equals("in-force")) {
      return;
    }
    Optional<JsonNode> before = lookedAt.find(tool.path("accepted").asText());
    if (state.equals("drifted") && before.isPresent()) {
      changed("description", before.get().path("description"), tool.path("description"));
      changed("inputSchema", before.get().path("inputSchema"), tool.path("inputSchema"));
    } else if (tool.has("pin")) {
      lines("description", tool.path("description").asText());
      lines("inputSchema", tool.path("inputSchema").toString());
    }
    if (tool.has("unreadable")) {
      lines("its schema is not read", tool.path("unreadable").asText());
    }
  }

  private void changed(String what, JsonNode before, JsonNode now) {
    if (!before.equals(now)) {
      lines(what + " as accepted", text(before));
      lines(what + " now", text(now));
    }
  }

  private static String text(JsonNode json) {
    return json.isTextual() ? json.textValue() : json.isContainerNode() ? json.toString() : "";
  }

  private void lines(String what, String text) {
    out.println("    " + what + ":");
    text.lines().forEach(line -> out.println("      | " + Shown.whole(line)));
  }

  private static String hints(JsonNode annotations) {
    List<String> hints = new ArrayList<>();
    for (String hint : List.of("destructiveHint", "readOnlyHint", "openWorldHint")) {
      if (annotations.path(hint).asBoolean()) {
        hints.add(hint.replace("Hint", ""));
      }
    }
    return hints.isEmpty() ? "" : "  (its server says: " + String.join(", ", hints) + ")";
  }

  private void accept(String toolset, List<JsonNode> tools) {
    out.printf(
        Locale.ROOT,
        """
        To accept what you have read above, let these lines stand in tools.yaml, each with the mode
        that you want; it is read again without a restart.

        toolsets:
          %s:
            tools:
        """,
        toolset);
    for (JsonNode tool : tools) {
      String name = tool.path("name").asText();
      String kind = tool.path("kind").asText(name);
      boolean listed = tool.has("kind");
      out.println("      " + word(name) + ":");
      out.println("        kind: " + word(kind.length() > 80 ? kind.substring(0, 80) : kind));
      if (!listed) {
        out.println("        mode: require-approval");
      }
      out.println("        pin: " + tool.path("pin").asText());
    }
    out.println();
  }

  /// As YAML takes for a text: some names are numbers there, or yes and no.
  private static String word(String text) {
    return PLAIN.matcher(text).matches() ? text : JsonLines.JSON.valueToTree(text).toString();
  }
}
