package dev.countersign.gateway.application;

import dev.countersign.gateway.domain.UpstreamTool;
import java.util.List;

/// The tools of the MCP servers behind the gate.
public interface UpstreamTools {

  /// As they were last heard of, in the operator's order.
  List<UpstreamTool> all();

  /// Tells when they are not what they were.
  void onChange(Runnable listener);
}
