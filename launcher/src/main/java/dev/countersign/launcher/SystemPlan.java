package dev.countersign.launcher;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which processes there are, with what flags and what they are told.
final class SystemPlan {

  /// What start-up caches are used for.
  enum Learning {
    /// Use a cache that is there, and write one that is not when the process stops.
    ON,
    /// Use none, and write one beside it when the process stops.
    ANEW,
    /// Use a cache that is there.
    USE,
    /// Start plainly.
    OFF
  }

  /// In the order in which one action passes them.
  static final List<String> SERVICES =
      List.of("gateway", "policy", "ticket", "notifier", "executor", "audit");

  private static final List<String> SMALL =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Djava.util.logging.config.class=" + QuietLog.class.getName());

  static final List<String> SERVICE =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "-XX:+ExitOnOutOfMemoryError",
          "-Xms32m",
          "-Xmx256m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Djava.util.logging.manager=org.jboss.logmanager.LogManager");

  /// Room for what comes and goes, so that it dies young: with the small survivors of the default
  /// much of it grows old in a heap that is not tidied before it is full, and waiting callers seem
  /// to cost what is garbage.
  static final List<String> GATEWAY =
      List.of("-XX:NewSize=24m", "-XX:MaxNewSize=24m", "-XX:SurvivorRatio=2");

  private static final YAMLFactory YAML = new YAMLFactory();

  /// The name of a variable, as `connectors.yaml` may have it.
  private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]*");

  /// `env: NAME` where it can't be read as YAML, and so is in force for nobody yet.
  private static final Pattern CREDENTIAL =
      Pattern.compile(
          "\\benv[\"']?\\s*:\\s*(?:[>|][-+0-9]*\\s+)?[\"']?(" + VARIABLE.pattern() + ")");

  private final Path home;
  private final StateFolder state;
  private final Ports ports;
  private final Map<String, String> environment;
  private final Learning learning;
  private final Function<String, Consumer<String>> logs;

  /// @param home the repository
  /// @param environment what the operator set
  /// @param logs where the output of a process of this name goes
  SystemPlan(
      Path home,
      StateFolder state,
      Ports ports,
      Map<String, String> environment,
      Learning learning,
      Function<String, Consumer<String>> logs) {
    this.home = home;
    this.state = state;
    this.ports = ports;
    this.environment = environment;
    this.learning = learning;
    this.logs = logs;
  }

  /// All parts, none of them running.
  static List<StateFolder.Running> stopped(Ports ports) {
    return Stream.concat(
            Stream.of("postgres", "kafka", "mail-sink", "target", "witness"), SERVICES.stream())
        .map(name ->
            StateFolder.Running.stopped(name, ports.of(name.equals("mail-sink") ? "mail" : name)))
        .toList();
  }

  List<Part> parts() {
    Map<String, String> passwords = state.databasePasswords();
    List<Part> parts = new ArrayList<>();
    parts.add(postgres(passwords));
    parts.add(kafka());
    parts.add(mailSink());
    parts.add(target());
    parts.add(witness());
    SERVICES.forEach(name -> parts.add(service(name, passwords)));
    return parts;
  }

  private Part postgres(Map<String, String> passwords) {
    int port = ports.of("postgres");
    var postgres = new EmbeddedPostgres(state.folder("postgres"), port, logs.apply("postgres"));
    return new PostgresPart(postgres, port, passwords);
  }

  private Part kafka() {
    int port = ports.of("kafka");
    int health = FreePorts.one();
    List<String> arguments = new ArrayList<>();
    arguments.add(state.closed("kafka").toString());
    arguments.add(Integer.toString(port));
    arguments.add(Integer.toString(health));
    proxyPort("KAFKA")
        .ifPresent(advertised -> {
          arguments.add(Integer.toString(behindProxy()));
          arguments.add(Integer.toString(advertised));
        });
    return own("kafka", port, health, "-Xmx192m", KafkaProcess.class, arguments);
  }

  private Part mailSink() {
    int http = ports.of("mail");
    return own(
        "mail-sink",
        http,
        http,
        "-Xmx96m",
        MailSink.class,
        List.of(
            Integer.toString(ports.of("smtp")),
            Integer.toString(http),
            state.closed("mail-sink").resolve("messages.jsonl").toString()));
  }

  private Part target() {
    int port = ports.of("target");
    return own(
        "target",
        port,
        port,
        "-Xmx96m",
        Target.class,
        List.of(
            Integer.toString(port),
            state.closed("target").resolve("calls.jsonl").toString(),
            state.targetCredential().toString()));
  }

  private Part witness() {
    WitnessPlan witness = new WitnessPlan(home, state, ports);
    built(witness.jar());
    Map<String, String> told = new HashMap<>(withheldFrom("witness", config()));
    told.putAll(witness.environment());
    JvmPart.Plan plan = witness.plan(rank("witness"), told);
    return new JvmPart(
        plan, cache("witness", witness.build(), plan.flags()), logs.apply("witness"));
  }

  private static Path built(Path jar) {
    if (!Files.exists(jar)) {
      throw new StartRefused(jar + " is missing; build it with ./mvnw -DskipTests package");
    }
    return jar;
  }

  /// A process of the launcher's own code.
  ///
  /// @param health the port whose `/ready` answers 200
  private Part own(
      String name, int port, int health, String heap, Class<?> main, List<String> arguments) {
    List<String> flags = new ArrayList<>(SMALL);
    flags.add(heap);
    flags.addAll(ofTheOperator());
    List<String> program = new ArrayList<>();
    program.add("-cp");
    program.add(System.getProperty("java.class.path"));
    program.add(main.getName());
    program.addAll(arguments);
    var plan =
        new JvmPart.Plan(
            name,
            port,
            Part.Stage.GROUND,
            rank(name),
            flags,
            program,
            withheldFrom(name, config()),
            URI.create("http://127.0.0.1:" + health + "/ready"),
            home);
    return new JvmPart(plan, cache(name, home.resolve("launcher/target"), flags), logs.apply(name));
  }

  private Part service(String name, Map<String, String> passwords) {
    Path build = home.resolve(name + "-service/target/quarkus-app");
    Path jar = built(build.resolve("quarkus-run.jar"));
    int port = ports.of(name);
    List<String> flags = new ArrayList<>(SERVICE);
    if (name.equals("gateway")) {
      flags.addAll(GATEWAY);
    }
    flags.addAll(ofTheOperator());
    var plan =
        new JvmPart.Plan(
            name,
            port,
            Part.Stage.SERVICES,
            rank(name),
            flags,
            List.of("-jar", jar.toString()),
            environmentOf(name, passwords),
            URI.create("http://127.0.0.1:" + port + "/q/health/ready"),
            home);
    return new JvmPart(plan, cache(name, build, flags), logs.apply(name));
  }

  /// On a busy machine the log comes after what it tells of.
  private static JvmPart.Rank rank(String name) {
    return switch (name) {
      case "audit", "witness" -> JvmPart.Rank.LAST;
      default -> JvmPart.Rank.AT_ONCE;
    };
  }

  /// The last of two flags that contradict each other counts.
  private List<String> ofTheOperator() {
    String text = environment.getOrDefault("COUNTERSIGN_JAVA_FLAGS", "");
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+", -1));
  }

  private Map<String, String> environmentOf(String name, Map<String, String> passwords) {
    Map<String, String> told = new HashMap<>(withheldFrom(name, config()));
    told.putAll(ports.environment());
    told.put(
        "COUNTERSIGN_DB",
        "127.0.0.1:%d/%s"
            .formatted(proxyPort("POSTGRES").orElse(ports.of("postgres")), DatabaseRoles.DATABASE));
    told.put("COUNTERSIGN_DB_PASSWORD", passwords.getOrDefault(name, ""));
    told.put(
        "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + proxyPort("KAFKA").orElse(ports.of("kafka")));
    told.put("COUNTERSIGN_CONFIG", config().toString());
    told.put("COUNTERSIGN_STATE", state.closed(name).toString());
    told.put("COUNTERSIGN_TICKET_URL", "http://localhost:" + ports.of("ticket"));
    told.put("COUNTERSIGN_SMTP_HOST", "127.0.0.1");
    told.put("COUNTERSIGN_SMTP_PORT", Integer.toString(ports.of("smtp")));
    // Nobody but the executor ever holds a credential, nobody but the ticket service and, by a
    // secret each, the audit service and the gateway can tell the operator, and nobody but the
    // log's migrations has its owner's role.
    if (name.equals("ticket") || name.equals("executor")) {
      state.restored().ifPresent(backup -> told.put("COUNTERSIGN_RESTORED", backup));
    }
    if (name.equals("executor")) {
      told.put("COUNTERSIGN_CREDENTIALS", state.credentials().toString());
    }
    if (name.equals("ticket")) {
      told.putAll(KeyRotation.environment(state));
      told.put("COUNTERSIGN_OPERATOR_SECRET", state.operatorSecret());
    }
    if (name.equals("gateway")) {
      told.put("COUNTERSIGN_OPERATOR_SECRET", state.gateOperatorSecret());
    }
    if (name.equals("audit")) {
      told.put("COUNTERSIGN_OPERATOR_SECRET", state.logOperatorSecret());
      told.put("COUNTERSIGN_DB_MIGRATOR_PASSWORD", passwords.getOrDefault("audit_migrator", ""));
      told.putAll(new WitnessPlan(home, state, ports).forTheLog(environment));
    }
    return told;
  }

  private Path config() {
    return config(environment, home);
  }

  /// The folder that `COUNTERSIGN_CONFIG` names, else `config/` in `home`.
  static Path config(Map<String, String> environment, Path home) {
    String said = environment.get("COUNTERSIGN_CONFIG");
    return said == null ? home.resolve("config") : Path.of(said);
  }

  /// What this process would inherit of the operator's environment and has no business with: the
  /// identity provider's secret, but for the ticket service, and the credentials that
  /// `connectors.yaml` names as it is now, but for the executor.
  static Map<String, String> withheldFrom(String name, Path config) {
    Map<String, String> withheld = new HashMap<>();
    if (!name.equals("ticket")) {
      withheld.put("COUNTERSIGN_OIDC_SECRET", "");
    }
    Path connectors = config.resolve("connectors.yaml");
    if (!name.equals("executor") && Files.exists(connectors)) {
      try {
        credentials(Files.readAllBytes(connectors)).forEach(each -> withheld.put(each, ""));
      } catch (IOException e) {
        throw new UncheckedIOException("could not read " + connectors, e);
      }
    }
    return withheld;
  }

  /// The variables that the executor looks credentials up in: each `env` that is a name.
  private static Stream<String> credentials(byte[] connectors) {
    // Token by token: a name that stands in a tree no more, since its member stands twice, is one.
    Set<String> found = new TreeSet<>();
    try (JsonParser parser = YAML.createParser(connectors)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING && "env".equals(parser.currentName())) {
          found.add(parser.getText());
        }
      }
    } catch (IOException | RuntimeException _) {
      // Its names are ASCII, whatever else is in it.
      String text = new String(connectors, StandardCharsets.ISO_8859_1);
      CREDENTIAL.matcher(text).results().forEach(each -> found.add(each.group(1)));
    }
    return found.stream().filter(VARIABLE.asMatchPredicate());
  }

  private @Nullable AotCache cache(String name, Path build, List<String> flags) {
    AotCache cache = AotCache.of(name, build, flags);
    return switch (learning) {
      case ON -> cache;
      case ANEW -> cache.anew();
      case USE -> cache.trained() ? cache : null;
      case OFF -> null;
    };
  }

  /// The port of a proxy that a test puts in front of Kafka or PostgreSQL.
  private Optional<Integer> proxyPort(String server) {
    return Optional.ofNullable(environment.get("COUNTERSIGN_" + server + "_PROXY_PORT"))
        .filter(text -> !text.isBlank())
        .map(text -> Integer.parseInt(text.strip()));
  }

  /// The port that the broker listens on for the proxy.
  private int behindProxy() {
    String own = environment.get(Ports.variable("kafka_proxied"));
    return own == null ? ports.of("kafka") + 1 : Integer.parseInt(own.strip());
  }

  /// What `COUNTERSIGN_AOT` says: `on` (the default), `anew`, `use` or `off`.
  static Learning learning(Map<String, String> environment, Learning otherwise) {
    String text = environment.getOrDefault("COUNTERSIGN_AOT", "").strip().toUpperCase(Locale.ROOT);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      return Learning.valueOf(text);
    } catch (IllegalArgumentException _) {
      throw new StartRefused("COUNTERSIGN_AOT is \"" + text + "\"; set it to on, anew, use or off");
    }
  }
}
