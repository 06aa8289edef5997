package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs a tool by calling one of an MCP server's that is a process of ours, over its standard input
/// and output.
///
/// @param program how the process is started; entries with the same program share one
/// @param tool the tool's name there
/// @param arguments what it is called with; null for the action's parameters as they are
public record StdioConnector(
    Program program,
    String tool,
    @Nullable BodyTemplate arguments,
    Duration timeout,
    boolean idempotent,
    int concurrency,
    @Nullable Duration keep,
    boolean errorIsFailure,
    Floor requires)
    implements ServerConnector {

  /// @param command the program's file and its arguments, handed to no shell
  /// @param environment what stands in its environment beside the few variables that every program
  ///   needs; secrets are named and not held
  public record Program(List<String> command, Map<String, Value> environment) {

    public Program {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }
  }

  /// A variable's value.
  public sealed interface Value {
    record Plain(String text) implements Value {}

    record Secret(Credential.Source source) implements Value {}
  }

  public StdioConnector {
    if (arguments != null && !(arguments instanceof BodyTemplate.Members)) {
      throw new IllegalArgumentException("a tool's arguments are members with names");
    }
  }

  @Override
  public JsonNode arguments(JsonNode params) throws Unfit {
    return arguments == null ? params : arguments.fill(params);
  }

  @Override
  public StdioConnector named(String name) {
    return new StdioConnector(
        program, name, arguments, timeout, idempotent, concurrency, keep, errorIsFailure, requires);
  }
}
