package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs a tool by calling one of an upstream MCP server's, over Streamable HTTP.
///
/// @param tool the tool's name there
/// @param arguments what it is called with; null for the action's parameters as they are
/// @param timeout of the call; what comes before it has as long again for itself
/// @param idempotent whether the server takes the same `Idempotency-Key` twice as once
/// @param concurrency how many of its calls one executor has under way at most
/// @param preconditions what must still be as people were shown it, right before the call
/// @param keep how long what the target answers is kept for the agent; null where it is not
/// @param errorIsFailure whether the operator vouches that a tool that answers with an error
///   (`isError`) had no effect
public record McpConnector(
    UrlTemplate url,
    HeadersTemplate headers,
    String tool,
    @Nullable BodyTemplate arguments,
    Reach reach,
    Duration timeout,
    boolean idempotent,
    int concurrency,
    List<Probe> preconditions,
    @Nullable Duration keep,
    boolean errorIsFailure,
    Floor requires)
    implements ServerConnector {

  public McpConnector {
    reach.mustHold(url);
    preconditions = Probe.together(preconditions, reach);
    if (arguments != null && !(arguments instanceof BodyTemplate.Members)) {
      throw new IllegalArgumentException("a tool's arguments are members with names");
    }
  }

  @Override
  public McpConnector named(String name) {
    return new McpConnector(
        url,
        headers,
        name,
        arguments,
        reach,
        timeout,
        idempotent,
        concurrency,
        preconditions,
        keep,
        errorIsFailure,
        requires);
  }

  @Override
  public JsonNode arguments(JsonNode params) throws Unfit {
    return arguments == null ? params : arguments.fill(params);
  }

  /// Whether every action's requests go to the same place, with the same headers and as the same
  /// client: only then may a session be opened before its action is known.
  public boolean isTheSameForAll() {
    return url.isFixed()
        && headers.areFixed()
        && switch (reach.credential()) {
          case null -> true;
          case Credential.Secret _, Credential.ClientCredentials _ -> true;
        };
  }

  /// A request of the session for these parameters, without its credential.
  ///
  /// @param message what it carries; null where it ends the session
  public HttpCall call(JsonNode params, @Nullable JsonNode message) throws Unfit {
    Map<String, String> filled = headers.fill(params);
    return HttpCall.of(message == null ? "DELETE" : "POST", url, params, filled, message);
  }
}
