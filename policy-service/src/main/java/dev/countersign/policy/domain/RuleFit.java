package dev.countersign.policy.domain;

import dev.countersign.events.TrustTerms;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Whether a rule goes together with a catalogue.
final class RuleFit {

  private RuleFit() {}

  /// What is wrong with the rule, where something is.
  static Optional<Misfit> misfit(Catalogue catalogue, PolicyRule rule) {
    List<CataloguedTool> meant =
        catalogue.all().stream().filter(tool -> rule.isFor(tool.tool())).toList();
    if (meant.isEmpty()) {
      return Optional.of(
          new Misfit(
              rule.place() + "/tools",
              "the rule "
                  + rule.id()
                  + " is for no tool in tools.yaml; correct its tools, or list the tool there"));
    }
    for (CataloguedTool tool : meant) {
      for (String fact : rule.when().factsRead()) {
        if (!tool.facts().containsKey(fact)) {
          return Optional.of(
              new Misfit(
                  rule.place() + "/when",
                  "tools.yaml computes no fact \"" + fact + "\" for " + tool.tool()));
        }
      }
      Optional<Misfit> mistrust =
          Optional.ofNullable(rule.approval())
              .flatMap(TrustTerms::of)
              .flatMap(terms -> misfit(tool, rule, terms));
      if (mistrust.isPresent()) {
        return mistrust;
      }
    }
    return Optional.empty();
  }

  /// What is wrong with the rule, where something is.
  static Optional<Misfit> misfit(CataloguedTool tool, PolicyRule rule, TrustTerms terms) {
    if (!tool.reversible()) {
      return Optional.of(
          new Misfit(
              rule.place() + "/trust",
              tool.tool() + " can't be undone, so each call of it is asked about; drop trust"));
    }
    Stream<String> facts =
        Stream.concat(
            Stream.ofNullable(terms.of()),
            Stream.ofNullable(rule.trustsWhen()).flatMap(each -> each.factsRead().stream()));
    return facts
        .filter(fact -> !tool.facts().containsKey(fact))
        .findFirst()
        .map(fact ->
            new Misfit(
                rule.place() + "/trust",
                "tools.yaml computes no fact \"" + fact + "\" for " + tool.tool()));
  }
}
