package dev.countersign.messaging;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// Those who kept us waiting in vain. Whoever asks one of them anything goes on without its answer
/// at once, and it is asked on the side, one thing at a time, until it answers: so it costs the
/// others one wait, and not one for each that asks.
///
/// @param <K> who is asked; as many as the operator names
public final class Laggards<K> {

  private static final Logger LOG = Logger.getLogger(Laggards.class);
  // Less holds nobody up.
  private static final Duration LONG = Duration.ofSeconds(1);

  private final Duration atLeast;
  // By `System.nanoTime()`.
  private final Map<K, Long> since = new ConcurrentHashMap<>();
  private final Set<K> askedOnTheSide = ConcurrentHashMap.newKeySet();

  /// @param atLeast how long one of them stays one, even if it answers sooner: whoever can make it
  ///   slow at will does not make the others wait more often than that
  public Laggards(Duration atLeast) {
    this.atLeast = atLeast;
  }

  /// The answer to this question, or `without` where it is not waited for.
  ///
  /// @param inVain whether it is no answer
  public <T> Uni<T> ask(K whom, Uni<T> question, Predicate<T> inVain, T without) {
    Uni<T> asked =
        Uni.createFrom()
            .deferred(() -> {
              long before = System.nanoTime();
              return question.invoke(answer -> heard(whom, before, inVain.test(answer)));
            });
    return Uni.createFrom()
        .deferred(() -> {
          if (!since.containsKey(whom)) {
            return asked;
          }
          if (askedOnTheSide.add(whom)) {
            asked
                .onTermination()
                .invoke(() -> askedOnTheSide.remove(whom))
                .subscribe()
                .with(
                    _ -> LOG.debugf("Asked on the side whom=%s", whom),
                    failure ->
                        LOG.warnf(failure, "Asked on the side, and it failed whom=%s", whom));
          }
          return Uni.createFrom().item(without);
        });
  }

  private void heard(K whom, long before, boolean inVain) {
    long now = System.nanoTime();
    if (inVain && now - before > LONG.toNanos()) {
      if (since.putIfAbsent(whom, now) == null) {
        LOG.warnf("Kept us waiting in vain, and is not waited for until it answers whom=%s", whom);
      }
      return;
    }
    Long lagging = since.get(whom);
    if (lagging != null && now - lagging >= atLeast.toNanos() && since.remove(whom, lagging)) {
      LOG.infof("Answers again whom=%s", whom);
    }
  }
}
