package dev.countersign.executor.domain;

import dev.countersign.events.Digest;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Precondition;
import dev.countersign.events.Reason;
import dev.countersign.verifier.Grant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What people were shown of the target when they approved: the fingerprint of each value, by its
/// label. What a policy allowed by itself was shown to nobody, and is held against nothing.
public record Promised(Map<String, Digest> byLabel) {

  private static final String MISSING = "precondition-missing";

  public Promised {
    byLabel = Map.copyOf(byLabel);
  }

  /// What the grant says of it; empty where nobody approved.
  public static Optional<Promised> of(Grant grant) {
    return grant.approvals().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Promised(
                grant.preconditions().stream()
                    .collect(Collectors.toMap(Grant.Promise::label, Grant.Promise::fingerprint))));
  }

  /// Why these probes can't be held against it: they look at something else.
  public Optional<Reason> misfit(List<Probe> probes) {
    Set<String> looked = probes.stream().map(Probe::label).collect(Collectors.toSet());
    if (looked.equals(byLabel.keySet())) {
      return Optional.empty();
    }
    return Optional.of(
        looked.isEmpty()
            ? unchecked()
            : new Reason(
                MISSING,
                "Before this is run the executor looks at "
                    + names(looked)
                    + ", and its approvers were shown "
                    + (byLabel.isEmpty() ? "nothing of it" : names(byLabel.keySet()))
                    + ". Nothing was run; say preconditions: true for the tool in tools.yaml, and"
                    + " propose it anew."));
  }

  /// What is said where nobody looks at it any more.
  public Reason unchecked() {
    return new Reason(
        MISSING,
        "Its approvers were shown "
            + names(byLabel.keySet())
            + ", and its entry in connectors.yaml looks at none of it any more. Nothing was run;"
            + " propose it anew.");
  }

  private static String names(Set<String> labels) {
    return String.join(", ", new TreeSet<>(labels));
  }

  /// Why the effect must not be, as things stand now; empty where they stand as they did.
  public Optional<Outcome> broken(Reading now) {
    return switch (now) {
      case Reading.Unread it -> Optional.of(failed(it.reason().code(), it.reason().text()));
      case Reading.Read it ->
          it.preconditions().stream()
              .filter(each -> !each.fingerprint().equals(byLabel.get(each.label())))
              .findFirst()
              .map(Promised::changed);
    };
  }

  private static Outcome changed(Precondition precondition) {
    return failed(
        "precondition-changed",
        "The precondition “"
            + precondition.label()
            + "” has changed since its approvers were shown it.");
  }

  /// @param sentence what is so
  public static Outcome failed(String code, String sentence) {
    return new Outcome(
        Status.PRECONDITION_FAILED,
        null,
        new Reason(code, sentence + " Nothing was sent; propose the action anew."));
  }
}
