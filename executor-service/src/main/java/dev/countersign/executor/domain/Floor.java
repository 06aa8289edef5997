package dev.countersign.executor.domain;

import dev.countersign.events.Assurance;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What must stand behind whatever runs a tool, by the executor's own file: a policy that was
/// changed by mistake, or a verdict that was forged, does not get below it.
///
/// @param votes how many different people, from 0
/// @param assurance how sure it must be of each of them
public record Floor(int votes, Assurance assurance) {

  /// Where the file says nothing: the policy alone decides.
  public static final Floor NONE = new Floor(0, Assurance.CODE);

  /// What is missing where it is not reached, for those who proposed.
  public Reason tooFew() {
    return new Reason(
        "too-few-approvals",
        "The executor asks for the approval of "
            + votes
            + (votes == 1 ? " person" : " people")
            + " with the assurance "
            + EventJson.tree(assurance).textValue()
            + " or more. Nothing was run; the policy must ask for as much.");
  }

  /// The same, where nobody knows any more who approved.
  public Reason notWrittenDown() {
    return new Reason(
        "too-few-approvals",
        "It was taken in by an earlier version of the executor, which did not write down who"
            + " approved. Nothing was run; propose it anew.");
  }

  /// What is missing now.
  ///
  /// @param approvers null where they were not written down
  public Optional<Reason> missing(@Nullable Approvers approvers) {
    Approvers known = approvers == null ? Approvers.NONE : approvers;
    return isReachedBy(known)
        ? Optional.empty()
        : Optional.of(approvers == null ? notWrittenDown() : tooFew());
  }

  public boolean isReachedBy(Approvers approvers) {
    return approvers.count(assurance) >= votes;
  }
}
