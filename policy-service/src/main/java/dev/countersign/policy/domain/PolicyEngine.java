package dev.countersign.policy.domain;

import dev.countersign.events.ActionProposed;
import dev.countersign.events.Digest;
import dev.countersign.events.Tool;
import dev.countersign.events.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Judges proposals by one catalogue and one policy. A pure function: the same proposal at the same
/// time gets the same verdict.
///
/// ```
/// tool ─ listed? ─ parameters fit? ─ facts ─ every rule for the tool ─ strictest of mode and rules
///         │no        │no               │can't    │can't                  │
///         unlisted   refused           denied    denied                  allowed | denied |
///                                                                        prompt ─ approval-required
///                                                                         │can't
///                                                                         refused
///
/// of an MCP server, first: ─ in force? ─ …
///                             │no, see Standing
///                             denied
/// ```
public final class PolicyEngine {

  private final Catalogue catalogue;
  private final List<PolicyRule> rules;
  private final Digest version;
  private final Map<Tool, List<PolicyRule>> rulesOf;
  private final @Nullable Offered offered;

  private PolicyEngine(Catalogue catalogue, List<PolicyRule> rules, Digest version) {
    this.catalogue = catalogue;
    this.rules = List.copyOf(rules);
    this.version = version;
    this.offered = null;
    this.rulesOf = new HashMap<>();
    for (CataloguedTool tool : catalogue.all()) {
      rulesOf.put(tool.tool(), rulesFor(tool.tool()));
    }
  }

  private PolicyEngine(PolicyEngine of, Offered offered) {
    this.catalogue = of.catalogue;
    this.rules = of.rules;
    this.version = of.version;
    this.rulesOf = of.rulesOf;
    this.offered = offered;
  }

  /// The same, with what the MCP servers behind the gate have now. Without it every tool of theirs
  /// is taken for what the operator accepted, as the examples of the policy do.
  public PolicyEngine offering(Offered now) {
    return new PolicyEngine(this, now);
  }

  /// What the MCP servers behind the gate have; empty where nobody has said so.
  Optional<Offered> offered() {
    return Optional.ofNullable(offered);
  }

  /// Whether a catalogue and a policy go together.
  public sealed interface Fit {}

  /// They do.
  public record Fits(PolicyEngine engine) implements Fit {}

  /// They don't, and this is the first thing that is wrong.
  public record FitsNot(Misfit misfit) implements Fit {}

  /// How often a rule's tools may be compared, with all tools and with all examples: each match is
  /// kept, and each example is judged.
  static final long MOST_COMPARED = 2_000_000;

  /// Puts a catalogue and a policy together, if every rule is about something and every example
  /// holds.
  ///
  /// @param goesOn whether there is time left to try another example
  public static Fit of(
      Catalogue catalogue, List<PolicyRule> rules, Digest version, BooleanSupplier goesOn) {
    Optional<Misfit> tooMuch = tooMuch(catalogue, rules);
    if (tooMuch.isPresent()) {
      return new FitsNot(tooMuch.get());
    }
    for (PolicyRule rule : rules) {
      Optional<Misfit> misfit = RuleFit.misfit(catalogue, rule);
      if (misfit.isPresent()) {
        return new FitsNot(misfit.get());
      }
    }
    PolicyEngine engine = new PolicyEngine(catalogue, rules, version);
    for (PolicyRule rule : rules) {
      for (Example example : rule.examples()) {
        if (!goesOn.getAsBoolean()) {
          return new FitsNot(
              new Misfit(
                  example.place(), "there is no time left to try this example and the next"));
        }
        Optional<Misfit> misfit = ExampleFit.misfit(engine, rule, example);
        if (misfit.isPresent()) {
          return new FitsNot(misfit.get());
        }
      }
    }
    return new Fits(engine);
  }

  private static Optional<Misfit> tooMuch(Catalogue catalogue, List<PolicyRule> rules) {
    long patterns = rules.stream().mapToLong(rule -> rule.tools().size()).sum();
    long examples = rules.stream().mapToLong(rule -> rule.examples().size()).sum();
    long tools = catalogue.all().size();
    return patterns * Math.max(tools, examples) <= MOST_COMPARED
        ? Optional.empty()
        : Optional.of(
            new Misfit(
                "/rules",
                ("the tools that %d rules are for (%d), times all tools (%d) or all examples (%d),"
                        + " are more than %d; write fewer")
                    .formatted(rules.size(), patterns, tools, examples, MOST_COMPARED)));
  }

  static final String UNLISTED = "unlisted-tool";

  public Catalogue catalogue() {
    return catalogue;
  }

  public List<PolicyRule> rules() {
    return rules;
  }

  /// The digest of both files.
  public Digest version() {
    return version;
  }

  /// The verdict on a proposal. What can't be evaluated is denied, what can't be shown is refused.
  public Verdict evaluate(ActionProposed proposal, Instant now) {
    return new Judgement(this, proposal, now).verdict();
  }

  /// The MCP servers behind the gate, in the order written, and how it stands with their tools.
  public List<GatedToolset> gated() {
    Offered now = offered == null ? Offered.NOTHING : offered;
    List<GatedToolset> gated = new ArrayList<>();
    catalogue
        .toolsets()
        .values()
        .forEach(toolset -> {
          if (toolset.server() != null) {
            Offered.Server server = now.byToolset().get(toolset.name());
            gated.add(
                new GatedToolset(
                    toolset.name(),
                    toolset.server(),
                    server == null ? null : server.seenAt(),
                    server == null ? null : server.problem(),
                    server == null ? List.of() : server.leftOut(),
                    GatedTool.all(toolset, now)));
          }
        });
    return gated;
  }

  /// Whether the catalogue says that people are shown how things stand that a tool's call rests on.
  public boolean restsOnPreconditions(Tool tool) {
    return catalogue.find(tool).map(CataloguedTool::preconditions).orElse(false);
  }

  /// The rules that a tool is judged by.
  public List<PolicyRule> rulesFor(Tool tool) {
    return rules.stream().filter(rule -> rule.isFor(tool)).toList();
  }

  /// The same, found at once for a listed tool.
  List<PolicyRule> rulesApplying(Tool tool) {
    List<PolicyRule> found = rulesOf.get(tool);
    return found == null ? rulesFor(tool) : found;
  }
}
