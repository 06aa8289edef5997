package dev.countersign.audit.application;

import dev.countersign.messaging.Elections;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.Proofs;
import dev.countersign.tlog.Row;
import dev.countersign.tlog.Span;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/// Has the newest checkpoint whose entries are published cosigned, twice a second at most: what the
/// witness remembers can then be read from the topic, whatever becomes of the database. If the
/// process dies between the witness's signature and its being kept, the next round asks again from
/// where the witness stands.
///
/// A witness that knows more entries than there are, or others, is how a log shows that was put
/// back or rewritten: then nothing is signed any more.
@ApplicationScoped
public class Cosign {

  private static final Logger LOG = Logger.getLogger(Cosign.class);
  private static final Duration EVERY = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Elections elections;
  private final Tree tree;
  private final Witness witness;
  private final CheckHistory history;
  private final Integrity integrity;
  private final LogKey key;
  private final AtomicLong cosignedSize;
  private boolean away;

  @Inject
  Cosign(
      Elections elections,
      Tree tree,
      Witness witness,
      CheckHistory history,
      Integrity integrity,
      LogKey key,
      MeterRegistry meters) {
    this.elections = elections;
    this.tree = tree;
    this.witness = witness;
    this.history = history;
    this.integrity = integrity;
    this.key = key;
    this.cosignedSize = meters.gauge("countersign.audit.log.cosigned", new AtomicLong());
  }

  void onStart(@Observes @Priority(CheckHistory.FIRST + 1) StartupEvent event) {
    if (witness.present() && integrity.finding().isEmpty()) {
      ask();
    }
    integrity.checked();
    if (witness.present()) {
      elections.start("cosign", null, EVERY, this::round);
    }
  }

  /// Before anything is signed, so that nothing is signed twice at one size: a database that was
  /// put back, where the topic lacks the same, only the witness knows of. Where it is away, it is
  /// asked as soon as it is there.
  private void ask() {
    Optional<Note> signed = tree.published().await().atMost(PATIENCE);
    Optional<Note> cosigned = tree.cosigned().await().atMost(PATIENCE);
    long old = cosigned.map(Cosign::size).orElse(0L);
    Optional<Note> newest = signed.filter(note -> size(note) > old).or(() -> cosigned);
    if (newest.isPresent()) {
      cosign(newest.get(), old, true);
    } else if (witness.cosign(
            0, List.of(), key.sign(new Checkpoint(key.origin(), 0, Hash.EMPTY_TREE)))
        instanceof Witness.Answer.Elsewhere elsewhere) {
      ahead(elsewhere.size());
    }
  }

  private boolean round(Connection connection) {
    // Whoever finds the log broken is no longer elected: another instance finds it, too.
    integrity.require();
    Optional<Note> signed = tree.published().await().atMost(PATIENCE);
    if (signed.isEmpty()) {
      return false;
    }
    long size = size(signed.get());
    long old = tree.cosigned().await().atMost(PATIENCE).map(Cosign::size).orElse(0L);
    cosignedSize.set(old);
    if (size > old) {
      cosign(signed.get(), old, true);
    }
    return false;
  }

  private static long size(Note checkpoint) {
    return Checkpoint.read(checkpoint.text()).size();
  }

  private void cosign(Note checkpoint, long old, boolean first) {
    long size = size(checkpoint);
    switch (witness.cosign(old, proof(old, size), checkpoint)) {
      case Witness.Answer.Cosigned cosigned -> {
        tree.keepCosigned(size, cosigned.note()).await().atMost(PATIENCE);
        history.remember(cosigned.note());
        cosignedSize.set(size);
        away = false;
      }
      case Witness.Answer.Elsewhere elsewhere -> {
        if (elsewhere.size() > size) {
          ahead(elsewhere.size());
        } else if (first) {
          cosign(checkpoint, elsewhere.size(), false);
        } else if (elsewhere.size() == size) {
          integrity.broken("the witness has signed %d other entries".formatted(size));
        }
      }
      case Witness.Answer.Inconsistent inconsistent ->
          integrity.broken("the witness refuses to sign it: " + inconsistent.sentence());
      case Witness.Answer.Away none -> {
        if (!away) {
          LOG.warnf(
              "The witness does not sign; asked again until it does cause=%s", none.sentence());
        }
        away = true;
      }
    }
  }

  /// Others submitted what the log published since; or the database was put back under the service
  /// that runs, and what it lacks is read from the topic.
  private void ahead(long witnessed) {
    if (entries() >= witnessed) {
      return;
    }
    history.check().ifPresent(integrity::broken);
    long now = entries();
    if (now < witnessed) {
      integrity.broken(
          "it has %d entries, and the witness has signed %d: the database was put back to an"
                  .formatted(now, witnessed)
              + " earlier time");
    }
  }

  private long entries() {
    return tree.head().await().atMost(PATIENCE).size();
  }

  private List<Hash> proof(long old, long size) {
    List<Span> spans = Proofs.consistency(old, size);
    List<Row> rows = spans.stream().flatMap(span -> span.rows().stream()).distinct().toList();
    Map<Row, List<Hash>> read = tree.read(rows).await().atMost(PATIENCE);
    return spans.stream().map(span -> span.hash(Row.Hashes.of(read))).toList();
  }
}
