package dev.countersign.policy.outbound;

import dev.countersign.config.BadFile;
import dev.countersign.config.BadValue;
import dev.countersign.config.Loaded;
import dev.countersign.config.OperatorFile;
import dev.countersign.events.Digest;
import dev.countersign.policy.application.PolicyInForce;
import dev.countersign.policy.application.Servers;
import dev.countersign.policy.domain.Catalogue;
import dev.countersign.policy.domain.PolicyEngine;
import dev.countersign.policy.domain.PolicyRule;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// `tools.yaml` and `policy.yaml`, in force together or not at all: a change of either is tried
/// against the other, and where they don't go together the last two that did stay in force.
@Startup
@ApplicationScoped
class PolicyFiles implements PolicyInForce {

  private static final Logger LOG = Logger.getLogger(PolicyFiles.class);

  private final Path folder;
  private final Servers servers;
  private final ScheduledExecutorService opener =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("open-policy").factory());

  private @Nullable OperatorFile<Catalogue> tools;
  private @Nullable OperatorFile<List<PolicyRule>> rules;
  private volatile @Nullable PolicyEngine engine;
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
      var _ = opener.scheduleWithFixedDelay(this::openLater, 1, 1, TimeUnit.SECONDS);
    }
  }

  @PreDestroy
  synchronized void close() {
    opener.shutdownNow();
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

  private void openLater() {
    if (tryOpen()) {
      opener.shutdown();
    }
  }

  /// Whether both files are open: there has to be a first good pair before one can be kept.
  private synchronized boolean tryOpen() {
    try {
      if (tools == null) {
        tools = OperatorFile.open(folder.resolve("tools.yaml"), ToolsYaml.SCHEMA, ToolsYaml::read);
        tools.onChange(_ -> combine());
      }
      if (rules == null) {
        rules =
            OperatorFile.open(folder.resolve("policy.yaml"), PolicyYaml.SCHEMA, PolicyYaml::read);
        rules.onChange(_ -> combine());
      }
      combine();
      return true;
    } catch (BadFile e) {
      report(e.problem());
      return false;
    }
  }

  private synchronized void combine() {
    if (tools == null || rules == null) {
      return;
    }
    Loaded<Catalogue> catalogue = tools.loaded();
    Loaded<List<PolicyRule>> policy = rules.loaded();
    switch (PolicyEngine.of(catalogue.value(), policy.value(), version(catalogue, policy))) {
      case PolicyEngine.Fits fits -> {
        misfit = null;
        engine = fits.engine();
        LOG.infof("policy in force policyVersion=%s", fits.engine().version());
      }
      case PolicyEngine.FitsNot fitsNot ->
          report(
              policy.problemAt(
                  new BadValue(fitsNot.misfit().place(), fitsNot.misfit().sentence())));
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
