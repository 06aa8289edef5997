package dev.countersign.policy.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.config.BadFile;
import dev.countersign.config.BadValue;
import dev.countersign.config.Loaded;
import dev.countersign.config.OperatorFile;
import dev.countersign.events.Digest;
import dev.countersign.policy.application.PolicyInForce;
import dev.countersign.policy.application.Servers;
import dev.countersign.policy.domain.Catalogue;
import dev.countersign.policy.domain.Misfit;
import dev.countersign.policy.domain.PolicyEngine;
import dev.countersign.policy.domain.PolicyRule;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// `tools.yaml` and `policy.yaml`, in force together or not at all: a change of either is tried
/// against the other, and where they don't go together the last two that did stay in force. So they
/// do while either is refused or has just been written: half of a change can allow what the whole
/// of it forbids.
@Startup
@ApplicationScoped
class PolicyFiles implements PolicyInForce {

  private static final Logger LOG = Logger.getLogger(PolicyFiles.class);

  /// How long another policy may be tried: whoever asks has to wait, and others wait for them.
  private static final Duration LONGEST = Duration.ofSeconds(20);

  private static final String TOOLS = "tools.yaml";
  private static final String POLICY = "policy.yaml";

  private final Path folder;
  private final Servers servers;
  private final ScheduledExecutorService later =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("policy-files").factory());

  // The version of each file that the last try found and did not take.
  private final Map<String, String> glanced = new HashMap<>();
  private boolean waits;

  private @Nullable OperatorFile<Catalogue> tools;
  private @Nullable OperatorFile<List<PolicyRule>> rules;
  private volatile @Nullable PolicyEngine engine;
  private volatile @Nullable Loaded<Catalogue> catalogueInForce;
  private volatile @Nullable String misfit;

  @Inject
  PolicyFiles(
      @ConfigProperty(name = "countersign.config", defaultValue = "config") Path folder,
      Servers servers) {
    this.folder = folder;
    this.servers = servers;
  }

  @PostConstruct
  void open() {
    if (!tryOpen()) {
      later(this::open);
    }
  }

  @PreDestroy
  synchronized void close() {
    later.shutdownNow();
    if (tools != null) {
      tools.close();
    }
    if (rules != null) {
      rules.close();
    }
  }

  @Override
  public Optional<PolicyEngine> find() {
    return Optional.ofNullable(engine).map(known -> known.offering(servers.offered()));
  }

  @Override
  public synchronized Optional<String> problem() {
    return Stream.of(
            tools == null ? Optional.<String>empty() : tools.problem(),
            rules == null ? Optional.<String>empty() : rules.problem(),
            Optional.ofNullable(misfit))
        .flatMap(Optional::stream)
        .findFirst();
  }

  @Override
  public Tried tried(@Nullable String tools, String policy) {
    long begun = System.nanoTime();
    try {
      @Nullable Loaded<Catalogue> catalogue =
          tools == null
              ? catalogueInForce
              : OperatorFile.read(TOOLS, utf8(tools), ToolsYaml.SCHEMA, ToolsYaml::read);
      if (catalogue == null) {
        return new Bad(TOOLS + ":1: none is in force yet; send the text of one along");
      }
      Loaded<List<PolicyRule>> candidate =
          OperatorFile.read(POLICY, utf8(policy), PolicyYaml.SCHEMA, PolicyYaml::read);
      BooleanSupplier inTime = () -> System.nanoTime() - begun < LONGEST.toNanos();
      return switch (engine(catalogue, candidate, inTime)) {
        case PolicyEngine.Fits fits -> new Good(fits.engine().offering(servers.offered()));
        case PolicyEngine.FitsNot fitsNot -> new Bad(problem(candidate, fitsNot));
      };
    } catch (BadFile e) {
      return new Bad(e.problem());
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void later(Runnable task) {
    var _ = later.schedule(task, 1, TimeUnit.SECONDS);
  }

  /// Whether both files are open: there has to be a first good pair before one can be kept.
  synchronized boolean tryOpen() {
    try {
      if (tools == null) {
        tools = opened(TOOLS, ToolsYaml.SCHEMA, ToolsYaml::read);
      }
      if (rules == null) {
        rules = opened(POLICY, PolicyYaml.SCHEMA, PolicyYaml::read);
      }
      waits = true;
      combine();
      return tools != null && rules != null;
    } catch (BadFile e) {
      waits = true;
      report(e.problem());
      return false;
    }
  }

  /// What the first try finds has stood there before. After that somebody may be writing it, and
  /// two tries, a second apart, have to find the same.
  private <T> @Nullable OperatorFile<T> opened(
      String name, String schema, Function<JsonNode, T> parse) throws BadFile {
    String before = glanced.remove(name);
    OperatorFile<T> file = OperatorFile.open(folder.resolve(name), schema, parse);
    if (waits && !file.version().equals(before)) {
      glanced.put(name, file.version());
      file.close();
      return null;
    }
    file.onChange(_ -> combine());
    return file;
  }

  private synchronized void combine() {
    if (tools == null || rules == null) {
      return;
    }
    if (tools.problem().isPresent() || rules.problem().isPresent()) {
      LOG.warnf(
          "What was accepted waits, the last good policy stays in force problem=\"%s\"",
          tools.problem().or(rules::problem).orElseThrow());
      return;
    }
    if (!tools.isSettled() || !rules.isSettled()) {
      later(this::combine);
      return;
    }
    Loaded<Catalogue> catalogue = tools.loaded();
    Loaded<List<PolicyRule>> policy = rules.loaded();
    switch (engine(catalogue, policy, () -> true)) {
      case PolicyEngine.Fits fits -> {
        misfit = null;
        catalogueInForce = catalogue;
        engine = fits.engine();
        LOG.infof("policy in force policyVersion=%s", fits.engine().version());
      }
      case PolicyEngine.FitsNot fitsNot -> report(problem(policy, fitsNot));
    }
  }

  private static String problem(Loaded<?> policy, PolicyEngine.FitsNot fitsNot) {
    return policy.problemAt(new BadValue(fitsNot.misfit().place(), fitsNot.misfit().sentence()));
  }

  private static PolicyEngine.Fit engine(
      Loaded<Catalogue> catalogue, Loaded<List<PolicyRule>> policy, BooleanSupplier goesOn) {
    try {
      return PolicyEngine.of(catalogue.value(), policy.value(), version(catalogue, policy), goesOn);
    } catch (StackOverflowError e) {
      return new PolicyEngine.FitsNot(
          new Misfit("", "tools.yaml and policy.yaml refer to themselves without an end"));
    } catch (RuntimeException e) {
      LOG.error("policy could not be tried", e);
      return new PolicyEngine.FitsNot(
          new Misfit("", "tools.yaml and policy.yaml could not be tried: " + e));
    }
  }

  private void report(String problem) {
    if (!problem.equals(misfit)) {
      misfit = problem;
      LOG.errorf("policy refused, the last good one stays in force problem=\"%s\"", problem);
    }
  }

  /// The digest of both files' digests, one a line, the catalogue's first.
  private static Digest version(Loaded<?> catalogue, Loaded<?> policy) {
    String both = catalogue.version() + "\n" + policy.version() + "\n";
    return Digest.of(both.getBytes(StandardCharsets.US_ASCII));
  }
}
