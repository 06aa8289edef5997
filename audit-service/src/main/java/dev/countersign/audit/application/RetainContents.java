package dev.countersign.audit.application;

import dev.countersign.audit.domain.Erasure;
import dev.countersign.messaging.Elections;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Erases contents by age, where the operator set one: `countersign.log.keep`. Each batch has its
/// leaf; leaves and proofs stay.
@ApplicationScoped
public class RetainContents {

  private static final Logger LOG = Logger.getLogger(RetainContents.class);
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String BY = "countersign";
  private static final String REASON = "retention";

  private final Elections elections;
  private final Erasures erasures;
  private final Integrity integrity;
  private final Optional<String> keep;

  @Inject
  RetainContents(
      Elections elections,
      Erasures erasures,
      Integrity integrity,
      @ConfigProperty(name = "countersign.log.keep") Optional<String> keep,
      @ConfigProperty(name = "countersign.log.keep-at-least") String atLeast) {
    this.elections = elections;
    this.erasures = erasures;
    this.integrity = integrity;
    this.keep = keep.map(it -> Age.checked("countersign.log.keep", it));
    if (this.keep.isPresent() && Age.isLonger(atLeast, this.keep.get(), Instant.now())) {
      throw new IllegalArgumentException(
          "countersign.log.keep is shorter than countersign.log.keep-at-least: contents cannot go"
              + " before they may");
    }
  }

  void onStart(@Observes StartupEvent event) {
    keep.ifPresent(than -> elections.start("retain-contents", null, EVERY, _ -> eraseOlder(than)));
  }

  /// One batch; whether there may be more.
  boolean eraseOlder(String than) {
    integrity.require();
    Erasures.Aged aged =
        erasures
            .eraseOlder(than, indexes -> new Erasure(Instant.now(), BY, REASON, null, indexes))
            .await()
            .atMost(PATIENCE);
    Erasures.Erased erased = aged.erased();
    if (erased.leaf() != null) {
      LOG.infof("Contents were erased by age entries=%d leaf=%d", erased.entries(), erased.leaf());
    }
    // A whole batch, whether there was anything to erase in it or not. What ages while this looks
    // waits for company: each batch is a leaf.
    return aged.passed() == Erasures.MOST;
  }
}
