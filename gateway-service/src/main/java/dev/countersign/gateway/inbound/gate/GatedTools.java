package dev.countersign.gateway.inbound.gate;

import dev.countersign.gateway.application.FollowActions;
import dev.countersign.gateway.application.ProposeActions;
import dev.countersign.gateway.application.UpstreamTools;
import dev.countersign.gateway.domain.UpstreamTool;
import dev.countersign.gateway.inbound.mcp.McpCaller;
import dev.countersign.gateway.inbound.mcp.McpTool;
import dev.countersign.gateway.inbound.mcp.McpTools;
import dev.countersign.gateway.inbound.mcp.ToolListChanged;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The tools of the MCP servers behind the gate, under their own names; where two servers have one
/// of the same name, or it is one of ours, as `toolset__name`, which finds each of them at any
/// time.
@ApplicationScoped
public class GatedTools implements McpTools {

  private static final Set<String> OURS =
      Set.of("request_approval", "check_approval", "cancel_approval");

  private final UpstreamTools upstream;
  private final ProposeActions proposeActions;
  private final FollowActions followActions;
  private final Event<ToolListChanged> changed;

  @Inject
  GatedTools(
      UpstreamTools upstream,
      ProposeActions proposeActions,
      FollowActions followActions,
      Event<ToolListChanged> changed) {
    this.upstream = upstream;
    this.proposeActions = proposeActions;
    this.followActions = followActions;
    this.changed = changed;
  }

  void onStart(@Observes StartupEvent event) {
    upstream.onChange(() -> changed.fire(new ToolListChanged()));
  }

  @Override
  public Uni<List<McpTool>> list(McpCaller caller) {
    List<UpstreamTool> open = upstream.all().stream().filter(UpstreamTool::getsThrough).toList();
    return Uni.createFrom()
        .item(
            open.stream()
                .filter(each -> caller.objection(each.tool()).isEmpty())
                .<McpTool>map(each -> tool(each, isAlone(each, open)))
                .toList());
  }

  /// Also one that does not get through: its caller is told by policy why not.
  @Override
  public Uni<Optional<McpTool>> find(String name, McpCaller caller) {
    Optional<McpTool> found =
        one(each -> each.fullName().equals(name), name)
            .or(() -> one(each -> each.getsThrough() && isNamed(each, name), name))
            .or(() -> one(each -> isNamed(each, name), name));
    return Uni.createFrom().item(found);
  }

  private Optional<McpTool> one(Predicate<UpstreamTool> which, String name) {
    List<UpstreamTool> found = upstream.all().stream().filter(which).toList();
    return found.size() == 1
        ? Optional.of(tool(found.getFirst(), isNamed(found.getFirst(), name)))
        : Optional.empty();
  }

  private static boolean isNamed(UpstreamTool tool, String name) {
    return tool.tool().name().equals(name);
  }

  private static boolean isAlone(UpstreamTool tool, List<UpstreamTool> among) {
    return !OURS.contains(tool.tool().name())
        && among.stream().filter(each -> isNamed(each, tool.tool().name())).count() == 1;
  }

  private GatedTool tool(UpstreamTool tool, boolean byOwnName) {
    return new GatedTool(
        tool, byOwnName ? tool.tool().name() : tool.fullName(), proposeActions, followActions);
  }
}
