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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Everything, as `./countersign up` runs it but for its compiler, on ports and in a state folder
/// of its own; started once in each of the JVMs that run these tests, for all that ask for it
/// there, and stopped as the JVM ends. Its output is in `target/whole-system-N.log`, with the
/// process id of the JVM.
public final class WholeSystem implements ParameterResolver {

  private static @Nullable Running running;

  /// The running system, where it is, its operator's shell, and the folders of its state and of its
  /// operator's files.
  record Running(
      LocalSystem system, Addresses addresses, FrontDoor operator, Path state, Path config) {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return running();
  }

  private static synchronized Running running() {
    Running known = running;
    if (known == null) {
      known = start();
      running = known;
    }
    return known;
  }

  private static Running start() {
    try {
      Path target = House.root().resolve("flow-tests/target");
      PrintStream log =
          new PrintStream(
              target.resolve("whole-system-" + ProcessHandle.current().pid() + ".log").toFile(),
              StandardCharsets.UTF_8);
      Map<String, String> ports = Ports.shifted();
      Path state = Files.createTempDirectory(target, "state-");
      Map<String, String> environment = new HashMap<>(ports);
      Path config = generousConfig(target);
      environment.put("COUNTERSIGN_CONFIG", config.toString());
      // It is gone before code that learns from its use would have been worth it.
      environment.put("COUNTERSIGN_JAVA_FLAGS", "-XX:TieredStopAtLevel=1");
      // It ends with this JVM: Surefire gives it one class at a time, and no class knows whether it
      // is the last.
      LocalSystem system = LocalSystem.start(House.root(), state, environment, log::println);
      environment.put("COUNTERSIGN_STATE", state.toString());
      FrontDoor operator = new FrontDoor(House.root(), environment);
      return new Running(system, Addresses.of(ports), operator, state, config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final String SLOW_TOOL =
      """
            slow:
              kind: take its time
              reversible: true
              parameters: {type: object, required: [milliseconds]}
      """;

  private static final String SLOW_CONNECTOR =
      """
        demo/slow:
          type: http
          method: POST
          url: http://localhost:${COUNTERSIGN_PORT_TARGET:-8090}/slow?delay=${params.milliseconds}
          hosts: [localhost]
          allowPrivate: true
          timeout: PT30S
          credential: {file: target, as: bearer}
      """;

  /// The shipped sample, but with budgets that bear all the tests of an hour, and with a tool that
  /// takes effect at once and answers when it was asked to.
  private static Path generousConfig(Path target) throws IOException {
    Path folder = Files.createTempDirectory(target, "config-");
    for (String name : List.of("tools.yaml", "policy.yaml", "approvers.yaml", "connectors.yaml")) {
      String shipped = Files.readString(House.root().resolve("config").resolve(name));
      Files.writeString(
          folder.resolve(name),
          shipped
              .replaceAll("(weeklyBudget|agentPromptsPerHour): [0-9]+", "$1: 100000")
              .replace("      noop:\n", SLOW_TOOL + "      noop:\n")
              .replace("  demo/noop:\n", SLOW_CONNECTOR + "  demo/noop:\n"));
    }
    return folder;
  }
}
