package dev.countersign.policy.domain;

import dev.countersign.events.Reason;
import dev.countersign.events.Tool;

/// How it stands with a tool of an MCP server behind the gate.
public sealed interface Standing {

  /// It is what the operator accepted.
  ///
  /// @param parameters what its server asks of them
  record InForce(OfferedTool offered, ParameterSchema parameters) implements Standing {}

  /// Nothing gets through to it.
  record Shut(Why why, Tool tool) implements Standing {

    public Reason reason() {
      return new Reason(why.code, tool + " " + why.sentence.formatted(tool.toolset()));
    }
  }

  /// Why nothing gets through to a tool.
  enum Why {
    NOT_PINNED(
        "tool-not-pinned",
        "not-pinned",
        "was not accepted yet: tools.yaml has no pin of it. Ask the operator to look at it with"
            + " ./countersign tools %s."),
    UNSEEN(
        "server-unseen",
        "unseen",
        "can't be compared with what the operator accepted: its MCP server has not said yet what it"
            + " has. Try again in a while, or ask the operator to look at ./countersign tools %s."),
    GONE(
        "tool-gone",
        "gone",
        "is not there any more: its MCP server does not list it. Ask the operator to look at"
            + " ./countersign tools %s."),
    DRIFTED(
        "tool-drifted",
        "drifted",
        "is in quarantine: its MCP server says something else of it now than what the operator"
            + " accepted. Ask the operator to look at ./countersign tools %s and to accept it anew."),
    UNREADABLE(
        "tool-schema-unreadable",
        "schema-unreadable",
        "can't be checked: the JSON Schema of its parameters is none that we read. Ask the operator"
            + " to look at ./countersign tools %s.");

    private final String code;
    private final String state;
    private final String sentence;

    Why(String code, String state, String sentence) {
      this.code = code;
      this.state = state;
      this.sentence = sentence;
    }

    /// How the operator is told that it stands.
    public String state() {
      return state;
    }
  }
}
