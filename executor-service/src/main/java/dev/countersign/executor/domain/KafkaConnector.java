package dev.countersign.executor.domain;

import dev.countersign.events.Topics;
import java.time.Duration;

/// Hands the approved command with its grant to the system that runs it, on a topic of that
/// system's, and waits for what it says on another.
///
/// @param replies where the system says how it ended; whoever can write there can say so
/// @param timeout from the broker's acknowledgement to the outcome; then the answer is `unknown`
/// @param idempotent whether the system takes the same action's command twice as once
/// @param concurrency how many outcomes one executor waits for at most
public record KafkaConnector(
    KafkaCluster cluster,
    String topic,
    String replies,
    Duration timeout,
    boolean idempotent,
    int concurrency,
    Floor requires)
    implements RunConnector {

  public KafkaConnector {
    if (topic.equals(replies)) {
      throw new IllegalArgumentException(
          "commands and outcomes need topics of their own, so that only their system can write"
              + " outcomes");
    }
    for (String each : new String[] {topic, replies}) {
      // On any cluster: the brokers that an entry names may be our own by another name.
      if (Topics.ALL.contains(each)) {
        throw new IllegalArgumentException(
            each + " is Countersign's own topic; name one of the system that runs the tool");
      }
    }
  }
}
