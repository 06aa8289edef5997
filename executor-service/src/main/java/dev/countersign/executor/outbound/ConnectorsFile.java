package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.config.BadFile;
import dev.countersign.config.BadValue;
import dev.countersign.config.OperatorFile;
import dev.countersign.events.Tool;
import dev.countersign.executor.application.OpenConnectors;
import dev.countersign.executor.domain.Connector;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.DelegatedConnector;
import dev.countersign.executor.domain.LiftConnector;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// `connectors.yaml`: read at the start, without which the executor does not run, and again when it
/// changes.
@Startup
@ApplicationScoped
class ConnectorsFile implements OpenConnectors {

  private static final Duration REPORT = Duration.ofMinutes(15);
  private static final Duration LONGEST_REPORT = Duration.ofHours(24);

  private final OperatorFile<Connectors> file;

  @Inject
  ConnectorsFile(@ConfigProperty(name = "countersign.config") Path folder) throws BadFile {
    this.file =
        OperatorFile.open(
            folder.resolve("connectors.yaml"),
            "schema/connectors.schema.json",
            json -> parse(json, System::getenv));
  }

  @Override
  public Connectors current() {
    return file.current();
  }

  /// Why the file as it stands on disk is not in force; empty where it is.
  Optional<String> problem() {
    return file.problem();
  }

  String version() {
    return file.version();
  }

  @PreDestroy
  void close() {
    file.close();
  }

  /// Makes connectors of what has passed the schema; throws {@link BadValue} where a value is no
  /// good all the same.
  static Connectors parse(JsonNode json, UnaryOperator<@Nullable String> environment) {
    Map<Tool, Connector> byTool = new HashMap<>();
    json.path("connectors")
        .properties()
        .forEach(each -> {
          String name = each.getKey();
          String pointer = "/connectors/" + name.replace("~", "~0").replace("/", "~1");
          int slash = name.indexOf('/');
          Tool tool = new Tool(name.substring(0, slash), name.substring(slash + 1));
          if (tool.equals(LiftConnector.TOOL)) {
            throw new BadValue(pointer, "the executor runs this itself; take it out");
          }
          byTool.put(
              tool, connector(tool.name(), new Entry(each.getValue(), pointer, environment)));
        });
    return new Entry(json.path("connectors"), "/connectors", environment)
        .in(() -> new Connectors(byTool));
  }

  private static Connector connector(String name, Entry entry) {
    String type = entry.text("type");
    return switch (type) {
      case "http" -> HttpEntry.read(entry);
      case "mcp" -> McpEntry.read(entry, name);
      case "kafka" -> KafkaEntry.read(entry);
      case "delegated" ->
          new DelegatedConnector(
              entry.duration("report", REPORT, LONGEST_REPORT), entry.requires());
      default -> throw new IllegalStateException("the schema knows no type " + type);
    };
  }
}
