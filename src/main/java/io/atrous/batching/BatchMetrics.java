package io.atrous.batching;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Counts the batches that leave a queue.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class BatchMetrics {

  private static final double[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128};

  private final DistributionSummary frames;
  private final Map<DepartureReason, Counter> batches = new EnumMap<>(DepartureReason.class);

  /**
   * Registers the meters; what is registered already is counted on.
   *
   * @param registry stays the caller's
   */
  public BatchMetrics(MeterRegistry registry) {
    this.frames =
        DistributionSummary.builder("atrous.batch.frames")
            .description("Frames of a batch when it leaves for the device")
            .serviceLevelObjectives(SIZES)
            .register(registry);
    for (DepartureReason reason : DepartureReason.values()) {
      batches.put(
          reason,
          Counter.builder("atrous.batches")
              .description("Batches that left for the device, by why they left")
              .tag("reason", reason.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
  }

  void left(int batchSize, DepartureReason reason) {
    frames.record(batchSize);
    Objects.requireNonNull(batches.get(reason)).increment();
  }
}
