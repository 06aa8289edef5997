package dev.countersign.executor.domain;

import org.jspecify.annotations.Nullable;

/// Which brokers a connector talks to, and as whom.
///
/// @param bootstrap where they are; null for Countersign's own
/// @param security the file of properties, in the folder of credentials, that says how to prove to
///   them who we are
public record KafkaCluster(@Nullable String bootstrap, @Nullable String security) {

  public static final KafkaCluster OWN = new KafkaCluster(null, null);

  public KafkaCluster {
    if (bootstrap == null && security != null) {
      throw new IllegalArgumentException(
          "Countersign's own brokers are reached as the service itself; drop security, or say"
              + " bootstrap");
    }
  }
}
