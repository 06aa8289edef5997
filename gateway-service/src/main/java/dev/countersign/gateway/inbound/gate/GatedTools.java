package dev.countersign.gateway.inbound.gate;

import dev.countersign.events.Tool;
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
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/// The tools of the MCP servers behind the gate, under their own names; where two servers have one
/// of the same name, or it is one of ours or another's long name, as `toolset__name`. That finds
/// each of them at any time, unless two toolsets are called so that it stands for two tools: then
/// it stands for neither.
@ApplicationScoped
public class GatedTools implements McpTools {

  private static final Logger LOG = Logger.getLogger(GatedTools.class);
  private static final Set<String> OURS =
      Set.of("request_approval", "check_approval", "cancel_approval");

  private final UpstreamTools upstream;
  private final ProposeActions proposeActions;
  private final FollowActions followActions;
  private final Event<ToolListChanged> changed;
  // Of whom the log knows already that they are not listed.
  private final Set<Tool> told = ConcurrentHashMap.newKeySet();

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
    List<UpstreamTool> all = upstream.all();
    return Uni.createFrom()
        .item(
            all.stream()
                .filter(UpstreamTool::getsThrough)
                .filter(each -> caller.objection(each.tool()).isEmpty())
                .<McpTool>mapMulti((each, out) -> named(each, all).ifPresent(out))
                .toList());
  }

  /// Also one that does not get through: its caller is told by policy why not.
  @Override
  public Uni<Optional<McpTool>> find(String name, McpCaller caller) {
    return Uni.createFrom().item(byName(name, upstream.all()).map(it -> it));
  }

  /// Under its own name, or else its long one, if that finds this one and no other.
  private Optional<GatedTool> named(UpstreamTool tool, List<UpstreamTool> all) {
    for (String name : List.of(tool.tool().name(), tool.fullName())) {
      Optional<GatedTool> found =
          byName(name, all).filter(it -> it.upstream().tool().equals(tool.tool()));
      if (found.isPresent() && !OURS.contains(name)) {
        return found;
      }
    }
    if (told.add(tool.tool())) {
      LOG.warnf(
          "A tool is not listed, for another has its long name; rename a toolset tool=%s",
          tool.tool());
    }
    return Optional.empty();
  }

  /// Whose long name it is goes before whose own it is: else a server could call its tool as
  /// another server's is called.
  private Optional<GatedTool> byName(String name, List<UpstreamTool> all) {
    List<UpstreamTool> found = all.stream().filter(each -> isLongName(name, each)).toList();
    if (found.isEmpty()) {
      found = all.stream().filter(each -> each.tool().name().equals(name)).toList();
    }
    // What does not get through keeps nothing else of the same name from being called.
    if (found.stream().anyMatch(UpstreamTool::getsThrough)) {
      found = found.stream().filter(UpstreamTool::getsThrough).toList();
    }
    return found.size() == 1
        ? Optional.of(new GatedTool(found.getFirst(), name, proposeActions, followActions))
        : Optional.empty();
  }

  private static boolean isLongName(String name, UpstreamTool tool) {
    // Most are none, and need not be put together to see that.
    return name.startsWith(tool.tool().toolset()) && name.equals(tool.fullName());
  }
}
