package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.executor.application.OpenConnectors;
import dev.countersign.executor.application.Reply;
import dev.countersign.executor.domain.KafkaCluster;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Rejected;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Reads what systems on one cluster say: a CloudEvent whose data has `actionId`, `status`, `code`
/// and `summary`.
record ReplyDecoder(OpenConnectors connectors, KafkaCluster cluster) implements Decoder<Reply> {

  static final String OUTCOME = "countersign.outcome.v1";
  // Others' members may stand in it, too.
  private static final EventJson.Bounded DATA = new EventJson.Bounded(1024 * 1024, 64 * 1024);

  @Override
  public Reply decode(Envelope envelope) throws Rejected {
    if (!envelope.type().equals(OUTCOME)) {
      throw new Rejected("type", "the CloudEvents type of an outcome is " + OUTCOME);
    }
    JsonNode data;
    try {
      data = DATA.readTree(envelope.data());
    } catch (Bounds.OutOfBounds e) {
      throw new Rejected(e.code(), e.sentence());
    }
    return new Reply(
        ActionId.of(data.path("actionId").asText()),
        ToldOutcome.read(data),
        connectors.current().answeredOn(cluster, envelope.raw().topic()));
  }

  /// The topic is the operator's and says nothing about the type.
  @Override
  public Reply undecodable(ConsumerRecord<byte[], byte[]> raw, Rejected why) throws Rejected {
    return decode(Envelope.readAnyType(raw));
  }
}
