package dev.countersign.sdk;

/// How far a proposal is followed.
public enum Until {
  /// Until it was run: for tools that the executor runs.
  EXECUTED,
  /// Until there is a grant: for tools that are run elsewhere, by whoever redeems it.
  APPROVED
}
