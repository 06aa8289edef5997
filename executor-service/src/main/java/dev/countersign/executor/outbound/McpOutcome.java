package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution.Result;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Response;
import dev.countersign.executor.domain.ServerConnector;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// What an MCP server's answer to `tools/call` says about the effect.
final class McpOutcome {

  // Errors with which a server says that it did not take the request (JSON-RPC 2.0 §5.1).
  private static final Set<Integer> NOT_TAKEN = Set.of(-32700, -32600, -32601, -32602);

  private McpOutcome() {}

  /// @param code of the HTTP answer that carried it
  static Outcome of(ServerConnector connector, int code, Optional<McpAnswer.Response> response) {
    // Also 501 and 505: whatever stands between an MCP server and its tool may have said so, and
    // behind it the tool may have run.
    Status byCode = code >= 500 ? Status.UNKNOWN : HttpConnector.usual(code);
    if (byCode != Status.SUCCEEDED) {
      return new Outcome(
          byCode,
          new Result(Integer.toString(code), null, "The MCP server answered " + code + "."),
          HttpEffects.reason(byCode, code));
    }
    if (response.isEmpty()) {
      return Outcome.unknown(
          "target-unclear",
          "The MCP server's answer holds no response that can be read. Look there whether the tool"
              + " took effect.");
    }
    McpAnswer.Response found = response.get();
    JsonNode error = found.json().path("error");
    if (error.isObject()) {
      return refused(found, error.path("code").asInt());
    }
    boolean failed = found.json().path("result").path("isError").asBoolean();
    // Where the agent gets it, the result alone is digested: it is what the agent can hold against
    // the digest, and the envelope says nothing more.
    byte[] own = EventJson.write(found.json().path("result"));
    Response told = connector.keep() == null ? null : told(own, connector.keep());
    Result result =
        new Result(
            failed ? "tool-error" : "ok",
            told == null ? found.digest() : Digest.of(own),
            "The tool answered "
                + (failed ? "with an error, " : "")
                + "with "
                + found.length()
                + (told != null && told.body() == null
                    ? " bytes, too many to keep for the agent."
                    : " bytes."));
    if (!failed) {
      return new Outcome(Status.SUCCEEDED, result, null).with(told);
    }
    return connector.errorIsFailure()
        ? new Outcome(
            Status.FAILED,
            result,
            new Reason("tool-error", "The tool answered with an error."),
            Outcome.Word.OPERATORS,
            told)
        : new Outcome(
            Status.UNKNOWN,
            result,
            new Reason(
                "tool-error",
                "The tool answered with an error, which leaves open whether it took effect. Look"
                    + " there."),
            Outcome.Word.OURS,
            told);
  }

  private static Response told(byte[] result, Duration keep) {
    return new Response(
        "application/json", result.length <= Response.LARGEST ? result : null, keep);
  }

  private static Outcome refused(McpAnswer.Response found, int code) {
    Result result =
        new Result(
            Integer.toString(code), found.digest(), "The MCP server answered error " + code + ".");
    return NOT_TAKEN.contains(code)
        ? new Outcome(
            Status.FAILED,
            result,
            new Reason(
                "target-failed", "The MCP server did not take the call, error " + code + "."))
        : new Outcome(
            Status.UNKNOWN,
            result,
            new Reason(
                "target-unclear",
                "The MCP server's error " + code + " leaves open whether the tool took effect."));
  }
}
