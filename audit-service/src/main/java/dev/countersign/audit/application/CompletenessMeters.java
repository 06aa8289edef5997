package dev.countersign.audit.application;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.function.ToLongFunction;

/// Lag and what is missing as metrics, of the instance that was elected. What it said turns into
/// NaN when it has not been said again for a while: another may have been elected since.
final class CompletenessMeters {

  private final MultiGauge lag;
  private final MultiGauge missing;
  private final Duration good;
  private volatile long shownAt;

  /// @param good for how long a value is one
  CompletenessMeters(MeterRegistry meters, Duration good) {
    this.lag = MultiGauge.builder("countersign.audit.lag").register(meters);
    this.missing = MultiGauge.builder("countersign.audit.missing").register(meters);
    this.good = good;
  }

  void show(FindCompleteness.Completeness found) {
    shownAt = System.nanoTime();
    lag.register(rows(found.partitions(), FindCompleteness.Partition::lag), true);
    missing.register(rows(found.partitions(), FindCompleteness.Partition::missing), true);
  }

  private List<MultiGauge.Row<?>> rows(
      List<FindCompleteness.Partition> partitions,
      ToLongFunction<FindCompleteness.Partition> value) {
    return partitions.stream()
        .<MultiGauge.Row<?>>map(each ->
            MultiGauge.Row.of(
                Tags.of("topic", each.topic(), "partition", Integer.toString(each.number())),
                each,
                it -> fresh() ? value.applyAsLong(it) : Double.NaN))
        .toList();
  }

  private boolean fresh() {
    return System.nanoTime() - shownAt < good.toNanos();
  }
}
