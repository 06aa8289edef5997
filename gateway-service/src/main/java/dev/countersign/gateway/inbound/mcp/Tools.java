package dev.countersign.gateway.inbound.mcp;

import io.quarkus.arc.All;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All tools of all sources, ours first.
@ApplicationScoped
class Tools {

  private final List<McpTools> sources;
  private final ApprovalTools ours;

  @Inject
  Tools(@All List<McpTools> sources, ApprovalTools ours) {
    this.sources = sources.stream().sorted(Comparator.comparingInt(McpTools::order)).toList();
    this.ours = ours;
  }

  /// Those that this caller may see, each name once, always in the same order.
  Uni<Collection<McpTool>> list(McpCaller caller) {
    Map<String, McpTool> byName = new LinkedHashMap<>();
    Uni<Void> asked = Uni.createFrom().voidItem();
    for (McpTools source : sources) {
      asked =
          asked
              .chain(() -> source.list(caller))
              .invoke(tools -> tools.forEach(it -> byName.putIfAbsent(it.name(), it)))
              .replaceWithVoid();
    }
    return asked.map(_ -> new ArrayList<>(byName.values()));
  }

  /// The first source that has it.
  Uni<Optional<McpTool>> find(String name, McpCaller caller) {
    Uni<Optional<McpTool>> found = Uni.createFrom().item(Optional.empty());
    for (McpTools source : sources) {
      found =
          found.chain(it -> it.isPresent() ? Uni.createFrom().item(it) : source.find(name, caller));
    }
    return found;
  }

  /// The tool of this name, or the one that tells of any action where it is gone since.
  Uni<McpTool> orOurs(String name, McpCaller caller) {
    return find(name, caller).map(it -> it.orElse(ours.requestApproval()));
  }
}
