package dev.countersign.events;

/// A tool by its full name, `payments/wire_transfer`.
public record Tool(String toolset, String name) {

  /// The gate's own: it lifts a freeze ([Oversight.Change#FROZEN]). Parameters are the freeze's id,
  /// `freeze`, and what it freezes in words, `frozen`.
  public static final Tool LIFT_FREEZE = new Tool("countersign", "lift_freeze");

  @Override
  public String toString() {
    return toolset + "/" + name;
  }
}
