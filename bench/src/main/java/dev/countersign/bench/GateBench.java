package dev.countersign.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.demo.Addresses;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What the gate adds to a call of a tool that is let through: the same tool of the same MCP
/// server, by the same client, called directly and through the gateway by turns. One JSON line on
/// standard output, with the moments at which each event of the gated calls was seen.
public final class GateBench {

  private static final List<String> STAGES =
      List.of(Topics.ACTION_PROPOSED, Topics.VERDICT, Topics.DECISION, Topics.EXECUTION);

  private GateBench() {}

  /// @param args the server's address, the tool's name there and at the gateway, its arguments as a
  ///   JSON object, and how many calls of each kind (300 if left out)
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length < 4) {
      System.err.println("countersign: bench gate URL TOOL TOOL-AT-THE-GATEWAY ARGUMENTS [CALLS]");
      System.exit(2);
    }
    // Servers close what lies idle for some seconds, and a call that runs into that fails.
    System.setProperty("jdk.httpclient.keepalive.timeout", "2");
    // Half as many come before, as practice.
    int calls = Bench.size(args, 4, "CALLS", 2, 300);
    Addresses addresses = Addresses.of(System.getenv());
    JsonNode arguments = EventJson.readTree(args[3].getBytes(StandardCharsets.UTF_8));
    McpClient direct = McpClient.connect(URI.create(args[0]));
    McpClient gated = McpClient.connect(addresses.gateway().resolve("/mcp"));
    Parts parts = new Parts(Path.of(System.getenv().getOrDefault("COUNTERSIGN_HOME", "")));
    try (Watch watch = new Watch(addresses.kafka(), STAGES, _ -> true)) {
      run(direct, args[1], gated, args[2], arguments, calls / 2, watch);
      Map<String, Duration> before = parts.processorTime();
      ObjectNode result = run(direct, args[1], gated, args[2], arguments, calls, watch);
      parts.reportProcessorTime(before, result);
      System.out.println(result);
    }
  }

  private static ObjectNode run(
      McpClient direct,
      String tool,
      McpClient gated,
      String gatedTool,
      JsonNode arguments,
      int calls,
      Watch watch)
      throws IOException, InterruptedException {
    long[] straight = new long[calls];
    long[] through = new long[calls];
    long[] begun = new long[calls];
    List<String> ids = new ArrayList<>();
    for (int n = 0; n < calls; n++) {
      long start = System.nanoTime();
      requireResult(direct.call(tool, arguments));
      straight[n] = System.nanoTime() - start;
      begun[n] = System.nanoTime();
      JsonNode result = requireResult(gated.call(gatedTool, arguments));
      through[n] = System.nanoTime() - begun[n];
      ids.add(result.path("_meta").path("dev.countersign/action-id").asText());
    }
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    report.put("calls", calls);
    report.put("directMillisecondsMedian", Watch.percentile(straight, 50));
    report.put("gatedMillisecondsMedian", Watch.percentile(through, 50));
    report.put("gatedMilliseconds99", Watch.percentile(through, 99));
    report.put(
        "addedMillisecondsMedian", Watch.percentile(through, 50) - Watch.percentile(straight, 50));
    ObjectNode seen = report.putObject("seenAfterMillisecondsMedian");
    for (String stage : STAGES) {
      watch.awaitAll(stage, ids, Duration.ofSeconds(30));
      long[] after = new long[calls];
      for (int n = 0; n < calls; n++) {
        after[n] = watch.at(stage, ids.get(n)) - begun[n];
      }
      seen.put(stage, Watch.percentile(after, 50));
    }
    return report;
  }

  private static JsonNode requireResult(JsonNode result) {
    if (result.path("isError").asBoolean() || !result.path("content").isArray()) {
      throw new IllegalStateException("the call did not pass: " + result);
    }
    return result;
  }
}
