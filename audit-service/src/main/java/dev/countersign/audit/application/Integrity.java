package dev.countersign.audit.application;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Whether this database still holds the log that was cosigned. Once it does not, nothing is
/// appended and nothing is signed any more until the service starts anew: what comes waits on
/// Kafka.
@ApplicationScoped
public class Integrity {

  private static final Logger LOG = Logger.getLogger(Integrity.class);

  private final AtomicReference<@Nullable String> broken = new AtomicReference<>();

  private volatile boolean checked;

  @Inject
  Integrity(MeterRegistry meters) {
    meters.gauge("countersign.audit.log.broken", broken, it -> it.get() == null ? 0 : 1);
  }

  /// The log was compared with what was cosigned, and the witness was asked.
  void checked() {
    checked = true;
  }

  /// The log is another than it was, and this is how that shows.
  public void broken(String sentence) {
    if (broken.compareAndSet(null, sentence)) {
      LOG.errorf(
          "The log is not the one that was cosigned; nothing is signed any more"
              + " (docs/runbooks/log.md) finding=%s",
          sentence);
    }
  }

  /// What is wrong with it; empty while nothing is.
  public Optional<String> finding() {
    return Optional.ofNullable(broken.get());
  }

  /// Throws where the log is not known to be the one that was cosigned.
  public void require() {
    if (!checked) {
      throw new IllegalStateException("the log has not been compared with what was cosigned yet");
    }
    finding()
        .ifPresent(sentence -> {
          throw new IllegalStateException("the log is broken: " + sentence);
        });
  }
}
