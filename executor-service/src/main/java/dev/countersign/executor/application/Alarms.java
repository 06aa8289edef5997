package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/// Somebody tried to have something run that nobody approved: people should look.
@ApplicationScoped
public class Alarms {

  private static final Logger LOG = Logger.getLogger(Alarms.class);

  private final MeterRegistry meters;

  @Inject
  Alarms(MeterRegistry meters) {
    this.meters = meters;
  }

  /// An authentic grant permits what must not be run.
  void raise(String reason, ActionId actionId) {
    meters.counter("countersign.executor.alarms", "reason", reason).increment();
    LOG.errorf(
        "Permitted with too little behind it; it has no effect reason=%s actionId=%s",
        reason, actionId);
  }

  /// @param reason one of our codes, never text out of the record
  void raise(String reason, ConsumerRecord<byte[], byte[]> raw) {
    meters.counter("countersign.executor.alarms", "reason", reason).increment();
    LOG.errorf(
        "Decision without a grant that holds; it has no effect reason=%s topic=%s partition=%d"
            + " offset=%d",
        reason, raw.topic(), raw.partition(), raw.offset());
  }
}
