package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class PublisherTest {

  @Test
  void itConnectsAsTheConfigurationOfKafkaSays() {
    Publisher publisher =
        new Publisher(
            Map.of("bootstrap.servers", "localhost:9", "security.protocol", "NO_SUCH_PROTOCOL"));
    assertThrows(KafkaException.class, () -> publisher.publish(List.of()));
  }
}
