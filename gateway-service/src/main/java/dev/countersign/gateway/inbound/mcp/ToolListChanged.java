package dev.countersign.gateway.inbound.mcp;

/// A CDI event: the tools of some source are not what they were. Those who listen are sent
/// `notifications/tools/list_changed`.
public record ToolListChanged() {}
