package dev.countersign.launcher;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What `./countersign` calls: `up`, `down`, `status`, `logs` and `rotate-keys` on one machine, the
/// operator's part in enrolling people, the kill switch, agents' keys, and erasing people from the
/// log.
public final class Launcher {

  private static final String HELP =
      """
      ./countersign up [--detach]      start everything; stay, or return when all is ready
      ./countersign down               stop everything
      ./countersign status [--json]    who runs, where
      ./countersign logs [-f] [NAME]   what they wrote
      ./countersign verify FILE        what an attestation, an event or evidence proves, offline
      ./countersign mirror URL FOLDER  keep a proven copy of the log, in files or in a bucket
      ./countersign rotate-keys        new signing keys, without a restart; the old ones stay known
      ./countersign invite ADDRESS     let a person make a passkey; prints the code to tell them
      ./countersign confirm ADDRESS    vouch for the passkey that they made
      ./countersign freeze WHAT REASON nothing is executed of WHAT: all, agent NAME or toolset NAME;
                                       without WHAT, what is frozen
      ./countersign lift ID [REASON]   ask two admins to lift a freeze
      ./countersign tools [TOOLSET]    what the MCP servers behind the gate have, what gets through,
                                       and the lines that accept the rest; --at URL asks a policy
                                       service elsewhere
      ./countersign agent-key AGENT    a key for an agent, shown once; agent-keys lists them, and
                                       revoke-key ID takes one away (docs/agents.md)
      ./countersign erase PERSON WHY   what the log holds of a person; WHY is a code
      ./countersign settle GAP WORDS   say that somebody looked after a gap in the log; settle leaf
                                       LEAF WORDS, after erased contents that a backup brought back
      ./countersign restored NAME      after putting back a backup of the state folder, before `up`:
                                       nothing that waited in it comes to life again
      ./countersign demo               six proposals, step by step; exit 0 when all went as it must
      ./countersign bench              drive the running system, print what it carried as JSON
      ./countersign learn              some minutes of work on a state of its own, so that from the
                                       next start on all is as quick as after hours; ports must be free
      ./countersign test               build and run all tests
      ./countersign help               this

      State is kept in .countersign/, or where COUNTERSIGN_STATE says.
      A port is moved by COUNTERSIGN_PORT_<NAME>: GATEWAY, POLICY, TICKET, NOTIFIER, EXECUTOR,
      AUDIT, WITNESS, MAIL, SMTP, TARGET, KAFKA, POSTGRES.
      """;

  private static final Duration DOWN_PATIENCE = Duration.ofMinutes(6);

  // Said to the process that `up --detach` leaves behind.
  private static final String DETACHED = "countersign.detached";

  private final Path home;
  private final Map<String, String> environment;
  private final StateFolder state;

  private Launcher(Path home, Map<String, String> environment) {
    this.home = home;
    this.environment = environment;
    this.state = StateFolder.of(environment, home);
  }

  public static void main(String[] arguments) {
    Map<String, String> environment = System.getenv();
    Path home = Path.of(environment.getOrDefault("COUNTERSIGN_HOME", "")).toAbsolutePath();
    int exit;
    try {
      exit = new Launcher(home, environment).run(List.of(arguments));
    } catch (StartRefused e) {
      System.err.println("countersign: " + e.getMessage());
      exit = 1;
    } catch (InterruptedException _) {
      exit = 130;
    }
    System.exit(exit);
  }

  private int run(List<String> arguments) throws InterruptedException {
    String command = arguments.isEmpty() ? "help" : arguments.getFirst();
    List<String> options = arguments.isEmpty() ? List.of() : arguments.subList(1, arguments.size());
    return switch (command) {
      case "up" -> {
        allow(options, "--detach");
        yield options.contains("--detach") ? upDetached() : up();
      }
      case "down" -> {
        allow(options);
        yield down();
      }
      case "status" -> {
        allow(options, "--json");
        yield status(options.contains("--json"));
      }
      case "logs" -> logs(options);
      case "rotate-keys" -> {
        allow(options);
        yield KeyRotation.run(home, state, SystemPlan.config(environment, home));
      }
      case "invite" -> enrolling().invite(person(options));
      case "confirm" -> enrolling().confirm(person(options));
      case "freeze" -> freezing().freeze(options);
      case "lift" -> freezing().lift(options);
      case "tools" ->
          new GatedTools(
                  new JsonDoor("the policy service", () -> local("policy"), null),
                  new LookedAt(state.closed("tools")),
                  System.out)
              .show(options);
      case "agent-key" -> keying().make(options);
      case "agent-keys" -> keying().list(options);
      case "revoke-key" -> keying().revoke(options);
      case "erase" -> erasing().erase(options);
      case "settle" -> erasing().settle(options);
      case "restored" -> restored(options);
      case "help", "--help", "-h" -> {
        System.out.print(HELP);
        yield 0;
      }
      default ->
          throw new StartRefused("there is no command \"" + command + "\"; ./countersign help");
    };
  }

  /// Tells the services, from the next start on, which backup was put back.
  private int restored(List<String> options) {
    if (options.size() != 1 || options.getFirst().isBlank()) {
      throw new StartRefused("name the backup, by a name that it keeps: its time, say");
    }
    if (state.locked()) {
      throw new StartRefused(
          "it runs; stop it with ./countersign down, put the backup back, and say this again");
    }
    state.restored(options.getFirst().strip(), Instant.now());
    System.out.println(
        "countersign: from the next start on, all that waited in the backup is void; propose it anew");
    return 0;
  }

  private static String person(List<String> options) {
    if (options.size() != 1) {
      throw new StartRefused("say whom, by the id or address in approvers.yaml");
    }
    return options.getFirst();
  }

  private Enrolling enrolling() {
    return new Enrolling(
        operatorDoor(),
        System.out,
        Optional.ofNullable(System.console())
            .filter(Console::isTerminal)
            .map(console -> new BufferedReader(console.reader()))
            .orElse(null));
  }

  private JsonDoor operatorDoor() {
    return new JsonDoor("the ticket service", () -> local("ticket"), state.operatorSecret());
  }

  private Erasing erasing() {
    return new Erasing(
        new JsonDoor("the audit service", () -> local("audit"), state.logOperatorSecret()),
        System.out);
  }

  private Keying keying() {
    return new Keying(gatewayDoor(), System.out);
  }

  private JsonDoor gatewayDoor() {
    return new JsonDoor("the gateway", () -> local("gateway"), state.gateOperatorSecret());
  }

  private Freezing freezing() {
    return new Freezing(
        operatorDoor(),
        new JsonDoor("the executor", () -> local("executor"), null),
        gatewayDoor(),
        () -> local("ticket"),
        System.out);
  }

  /// Of the system that runs, wherever it was told to listen: the secrets are for nobody else.
  private URI local(String service) {
    StateFolder.Running part =
        state
            .living(service)
            .orElseThrow(() ->
                new StartRefused(
                    "%s does not run on %s; ./countersign up first"
                        .formatted(service, state.root())));
    if (!part.state().equals("ready")) {
      // Until it is, another program may have its port.
      throw new StartRefused(
          "%s is %s, not ready; ./countersign status and ./countersign logs %s say more"
              .formatted(service, part.state(), service));
    }
    return URI.create("http://localhost:" + part.port());
  }

  private static void allow(List<String> options, String... known) {
    for (String option : options) {
      if (!List.of(known).contains(option)) {
        throw new StartRefused("\"" + option + "\" means nothing here; ./countersign help");
      }
    }
  }

  /// Starts all, stays, and stops all when it is told to end.
  private int up() throws InterruptedException {
    Instant from = Instant.now();
    LocalSystem system =
        LocalSystem.begin(
            home,
            environment,
            SystemPlan.Learning.ON,
            // On its own it writes where nobody looks: each process has a log of its own.
            Boolean.getBoolean(DETACHED) ? _ -> {} : System.out::println,
            line -> System.out.println("countersign: " + line));
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  System.out.println("countersign: stopping");
                  system.close();
                  System.out.println("countersign: " + stopped(system.running()));
                  stopped.countDown();
                },
                "stop"));
    if (system.awaitReady()) {
      System.out.print(welcome(system.ports(), Duration.between(from, Instant.now())));
    } else {
      System.out.println("countersign: not all is ready; going on trying. Not ready: " + unready());
    }
    stopped.await();
    return 0;
  }

  private static String stopped(List<StateFolder.Running> parts) {
    List<String> left =
        parts.stream().filter(part -> part.pid() > 0).map(StateFolder.Running::name).toList();
    return left.isEmpty() ? "all stopped" : "these do not stop: " + String.join(", ", left);
  }

  private static String welcome(Ports ports, Duration took) {
    return """
    countersign: ready after %.1f s
      propose     http://localhost:%d/v1/actions, or Kafka 127.0.0.1:%d
      approve     http://localhost:%d/
      mails       http://localhost:%d/
      policy      http://localhost:%d/policy
      evidence    http://localhost:%d/
      stop with Ctrl-C or ./countersign down
    """
        .formatted(
            took.toMillis() / 1e3,
            ports.of("gateway"),
            ports.of("kafka"),
            ports.of("ticket"),
            ports.of("mail"),
            ports.of("policy"),
            ports.of("audit"));
  }

  /// Starts another process of this program that stays, and waits until all is ready.
  private int upDetached() throws InterruptedException {
    Instant from = Instant.now();
    if (state.locked()) {
      // Says who holds it.
      state.lock();
    }
    // Before the process is on its own and only its log could say so.
    Ports.of(environment);
    Path log = state.logs().resolve("supervisor.log");
    List<String> command = new ArrayList<>(Sessions.own());
    ProcessHandle.Info self = ProcessHandle.current().info();
    command.add(self.command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-D" + DETACHED + "=true");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Launcher.class.getName()));
    command.add("up");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("could not start the supervisor", e);
    }
    while (true) {
      if (process.waitFor(Duration.ofMillis(100))) {
        System.err.print(tail(log, 40));
        return 1;
      }
      Optional<StateFolder.Snapshot> snapshot =
          state.snapshot().filter(found -> found.pid() == process.pid());
      if (snapshot.isPresent()
          && snapshot.get().parts().stream().allMatch(part -> part.state().equals("ready"))) {
        System.out.print(
            welcome(Ports.of(environment), Duration.between(from, Instant.now()))
                .replace("stop with Ctrl-C or ./countersign down", "stop with ./countersign down"));
        return 0;
      }
      Optional<StateFolder.Running> hopeless =
          snapshot.stream()
              .flatMap(found -> found.parts().stream())
              .filter(StateFolder.Running::isHopeless)
              .findFirst();
      if (hopeless.isPresent()
          || Duration.between(from, Instant.now()).compareTo(Duration.ofMinutes(10)) > 0) {
        hopeless.ifPresent(
            part -> System.err.print(tail(state.logs().resolve(part.name() + ".log"), 20)));
        System.err.println("countersign: not ready: " + unready());
        System.err.println(
            "It goes on trying; see ./countersign logs, stop it with ./countersign down");
        return 1;
      }
    }
  }

  private int down() throws InterruptedException {
    Instant until = Instant.now().plus(DOWN_PATIENCE);
    if (!state.locked()) {
      if (!LeftBehind.stop(state, line -> System.out.println("countersign: " + line))) {
        System.out.println("countersign: nothing runs on " + state.root());
      }
      return 0;
    }
    Optional<StateFolder.Snapshot> holder = holder();
    if (holder.isEmpty() && state.locked()) {
      System.err.println(
          "countersign: something holds "
              + state.root().resolve("lock")
              + ", and has not said which process it is; try again, or stop it by hand");
      return 1;
    }
    holder.ifPresent(found -> Child.signal(found.pid(), Child.Signal.TERM));
    int left = -1;
    while (state.locked()) {
      List<String> running =
          state.snapshot().stream()
              .flatMap(found -> found.parts().stream())
              .filter(part -> !part.state().equals("stopped"))
              .map(StateFolder.Running::name)
              .toList();
      if (running.size() != left) {
        left = running.size();
        if (left > 0) {
          System.out.println("countersign: stopping " + String.join(", ", running));
        }
      }
      if (Instant.now().isAfter(until)) {
        System.err.println("countersign: these do not stop: " + String.join(", ", running));
        return 1;
      }
      new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
    }
    System.out.println("countersign: all stopped");
    return 0;
  }

  /// What the supervisor that holds the lock says of itself: a moment after it took it. A pid alone
  /// could be somebody else's by now.
  private Optional<StateFolder.Snapshot> holder() throws InterruptedException {
    for (int look = 0; look < 50; look++) {
      Optional<StateFolder.Snapshot> found = state.snapshot().filter(StateFolder.Snapshot::isAlive);
      if (found.isPresent() || !state.locked()) {
        return found;
      }
      new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
    }
    return Optional.empty();
  }

  private int status(boolean json) {
    boolean locked = state.locked();
    Ports ports = Ports.of(environment);
    List<StateFolder.Running> parts =
        state
            .snapshot()
            .map(StateFolder.Snapshot::parts)
            .orElseGet(() -> SystemPlan.stopped(ports));
    List<StateFolder.Running> alive = state.snapshot().map(LeftBehind::in).orElse(List.of());
    if (locked) {
      // What was written last may be of before it died.
      parts =
          parts.stream()
              .map(part ->
                  part.state().equals("ready") && !alive.contains(part)
                      ? part.as("restarting")
                      : part)
              .toList();
    } else {
      parts =
          parts.stream()
              .map(part ->
                  alive.contains(part)
                      ? part.as("left-behind")
                      : StateFolder.Running.stopped(part.name(), part.port()))
              .toList();
    }
    if (json) {
      ArrayNode array = JsonLines.JSON.createArrayNode();
      for (StateFolder.Running part : parts) {
        ObjectNode one = array.addObject();
        one.put("name", part.name());
        if (part.pid() > 0) {
          one.put("pid", part.pid());
        } else {
          one.putNull("pid");
        }
        one.put("port", part.port());
        one.put("state", part.state());
      }
      System.out.println(array.toPrettyString());
    } else {
      System.out.printf("%-10s %8s %6s  %s%n", "name", "pid", "port", "state");
      for (StateFolder.Running part : parts) {
        System.out.printf(
            "%-10s %8s %6d  %s%n",
            part.name(), part.pid() > 0 ? part.pid() : "-", part.port(), part.state());
      }
    }
    return parts.stream().allMatch(part -> part.state().equals("ready")) ? 0 : 1;
  }

  private int logs(List<String> options) throws InterruptedException {
    boolean follow = options.contains("-f") || options.contains("--follow");
    List<String> names = options.stream().filter(option -> !option.startsWith("-")).toList();
    List<String> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(state.logs())) {
      all.filter(path -> path.toString().endsWith(".log"))
          .filter(path -> names.isEmpty() || names.contains(name(path)))
          .sorted()
          .forEach(path -> files.add(path.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException("the logs cannot be read", e);
    }
    if (files.isEmpty()) {
      throw new StartRefused(
          "there is no log of %s in %s"
              .formatted(names.isEmpty() ? "anything" : String.join(", ", names), state.logs()));
    }
    List<String> command = new ArrayList<>(List.of("tail", "-n", names.isEmpty() ? "20" : "200"));
    if (follow) {
      command.add("-F");
    }
    command.addAll(files);
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("could not run tail", e);
    }
  }

  private static String name(Path log) {
    return log.getFileName().toString().replaceAll("\\.log$", "");
  }

  private String unready() {
    return String.join(
        ", ",
        state.snapshot().stream()
            .flatMap(found -> found.parts().stream())
            .filter(part -> !part.state().equals("ready"))
            .map(part -> part.name() + " (" + part.state() + ")")
            .toList());
  }

  private static String tail(Path log, int lines) {
    try {
      List<String> all = Files.readAllLines(log);
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size())) + "\n";
    } catch (IOException e) {
      throw new UncheckedIOException("the log " + log + " cannot be read", e);
    }
  }
}
