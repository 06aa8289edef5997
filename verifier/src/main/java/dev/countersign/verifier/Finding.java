package dev.countersign.verifier;

/// What a verification comes to, as one sentence.
public sealed interface Finding {

  String sentence();

  /// All of it holds: who, what, when, by which assurance.
  record Proven(String sentence) implements Finding {}

  /// The first thing that is wrong.
  record Wrong(String sentence) implements Finding {}

  /// Nothing that could be verified, or not without what is missing: no judgement.
  record NotVerifiable(String sentence) implements Finding {

    public static final NotVerifiable WITHOUT_LOG_KEY =
        new NotVerifiable(
            "The log's public key is missing: name it with --log, as the audit service's /vkey"
                + " gives it.");
  }
}
