package dev.countersign.policy.domain;

import dev.countersign.events.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One tool of an MCP server behind the gate.
///
/// @param state `in-force`, `new` where nobody listed it, or why nothing gets through
/// @param mode the floor that holds for it now, as the operator writes it
/// @param kind what approvers call it; null where nobody listed it
/// @param accepted the pin in the catalogue; null where there is none
/// @param now as its server describes it; null where it does not
public record GatedTool(
    String name,
    String state,
    String mode,
    @Nullable String kind,
    @Nullable Digest accepted,
    @Nullable OfferedTool now) {

  /// All of a toolset's: those that the operator listed, then those that nobody has.
  static List<GatedTool> all(Toolset toolset, Offered offered) {
    Offered.Server server = offered.byToolset().get(toolset.name());
    Map<String, OfferedTool> now = server == null ? Map.of() : server.tools();
    List<GatedTool> all = new ArrayList<>();
    toolset
        .tools()
        .values()
        .forEach(each -> {
          if (each.gate() != null) {
            all.add(listed(each, each.gate(), offered, now.get(each.tool().name())));
          }
        });
    now.values().stream()
        .filter(each -> !toolset.tools().containsKey(each.name()))
        .forEach(
            each -> all.add(new GatedTool(each.name(), "new", Then.DENY.word(), null, null, each)));
    return all;
  }

  private static GatedTool listed(
      CataloguedTool tool, Gate gate, Offered offered, @Nullable OfferedTool now) {
    String state =
        switch (offered.standing(tool.tool(), gate)) {
          case Standing.InForce _ -> "in-force";
          case Standing.Shut it -> it.why().state();
        };
    return new GatedTool(
        tool.tool().name(),
        state,
        Scopes.mode(gate.floor(tool.mode(), now)),
        tool.kind(),
        gate.pin(),
        now);
  }
}
