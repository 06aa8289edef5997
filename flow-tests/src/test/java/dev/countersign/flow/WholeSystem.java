package dev.countersign.flow;

import dev.countersign.demo.Addresses;
import dev.countersign.demo.FrontDoor;
import dev.countersign.launcher.LocalSystem;
import dev.countersign.launcher.Ports;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Everything, as `./countersign up` runs it, on ports and in a state folder of its own; started
/// once for all tests that ask for it and stopped after the last. Its output is in
/// `target/whole-system.log`.
public final class WholeSystem implements ParameterResolver {

  /// The running system, where it is, and its operator's shell.
  record Running(LocalSystem system, Addresses addresses, FrontDoor operator, PrintStream log)
      implements AutoCloseable {
    @Override
    public void close() {
      system.close();
      log.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(WholeSystem.class))
        .computeIfAbsent(Running.class, _ -> start(), Running.class);
  }

  private static Running start() {
    try {
      Path target = House.root().resolve("flow-tests/target");
      PrintStream log =
          new PrintStream(target.resolve("whole-system.log").toFile(), StandardCharsets.UTF_8);
      Map<String, String> ports = Ports.shifted();
      Path state = Files.createTempDirectory(target, "state-");
      Map<String, String> environment = new HashMap<>(ports);
      environment.put("COUNTERSIGN_CONFIG", generousConfig(target).toString());
      LocalSystem system = LocalSystem.start(House.root(), state, environment, log::println);
      environment.put("COUNTERSIGN_STATE", state.toString());
      FrontDoor operator = new FrontDoor(House.root(), environment);
      return new Running(system, Addresses.of(ports), operator, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The shipped sample, but with budgets that bear all the tests of an hour.
  private static Path generousConfig(Path target) throws IOException {
    Path folder = Files.createTempDirectory(target, "config-");
    for (String name : List.of("tools.yaml", "policy.yaml", "approvers.yaml", "connectors.yaml")) {
      String shipped = Files.readString(House.root().resolve("config").resolve(name));
      Files.writeString(
          folder.resolve(name),
          shipped.replaceAll("(weeklyBudget|agentPromptsPerHour): [0-9]+", "$1: 100000"));
    }
    return folder;
  }
}
