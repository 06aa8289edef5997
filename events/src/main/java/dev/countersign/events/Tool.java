package dev.countersign.events;

/// A tool by its full name, `payments/wire_transfer`.
public record Tool(String toolset, String name) {

  @Override
  public String toString() {
    return toolset + "/" + name;
  }
}
