package dev.countersign.policy.domain;

/// Whose words are listened to, each with those before: claims raise the risk alone, and what they
/// bring must be told from what holds without them.
enum Speaker {
  /// As if nothing had been said.
  NOBODY,
  /// The MCP server, of its tool.
  SERVER,
  /// The agent, of its action.
  AGENT
}
