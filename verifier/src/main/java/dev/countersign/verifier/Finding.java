package dev.countersign.verifier;

import java.util.List;

/// What a verification comes to, as one sentence.
public sealed interface Finding {

  String sentence();

  /// The indexes of the entries from which nothing is concluded: nobody who is known signed them.
  default List<Long> ignored() {
    return List.of();
  }

  /// All of it holds: who, what, when, by which assurance.
  record Proven(String sentence, List<Long> ignored) implements Finding {
    public Proven {
      ignored = List.copyOf(ignored);
    }

    public Proven(String sentence) {
      this(sentence, List.of());
    }
  }

  /// The first thing that is wrong.
  record Wrong(String sentence) implements Finding {}

  /// Nothing that could be verified, or not without what is missing: no judgement.
  record NotVerifiable(String sentence, List<Long> ignored) implements Finding {

    public NotVerifiable {
      ignored = List.copyOf(ignored);
    }

    public NotVerifiable(String sentence) {
      this(sentence, List.of());
    }

    /// What a witness will say, and has not said yet.
    static NotVerifiable yet(NotCosigned missing) {
      return new NotVerifiable("Not yet cosigned: " + missing.sentence() + ".");
    }

    public static final NotVerifiable WITHOUT_LOG_KEY =
        new NotVerifiable(
            "The log's public key is missing: name it with --log, as the audit service's /vkey"
                + " gives it.");
  }
}
