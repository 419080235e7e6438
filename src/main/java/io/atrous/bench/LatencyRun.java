package io.atrous.bench;

import io.atrous.settings.KafkaKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ServiceConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The times of frames from a camera to a consumer that reads masks, at a load far below what the
 * service can do.
 *
 * @param framesPerSecond that were sent
 * @param micros the microseconds from before a frame was sent until its mask had been read
 * @param inferenceMicros the microseconds of it that the network took
 * @param queueDelayMillis the time that a frame may wait for its batch to fill
 * @param commitIntervalMillis the service's commit interval
 */
record LatencyRun(
    double framesPerSecond,
    Histogram micros,
    Histogram inferenceMicros,
    int queueDelayMillis,
    int commitIntervalMillis) {

  private static final long MAX_MICROS = TimeUnit.MINUTES.toMicros(10);
  private static final int DIGITS = 3;

  /** The share of the time between frames by which each may come early or late. */
  private static final double JITTER = 0.4;

  /** The time that is left out at first: connections are made, code is cold. */
  private static final double WARM_SECONDS = 3;

  private static final Duration LONGEST_POLL = Duration.ofMillis(50);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /**
   * Sends frames at a rate and reads their masks.
   *
   * @param topic that the service reads
   * @param config the config of the service
   */
  static LatencyRun observe(
      ServiceBench.Observer observer,
      OutcomeAudit reader,
      String topic,
      double framesPerSecond,
      double seconds,
      ServiceConfig config) {
    Histogram micros = new Histogram(MAX_MICROS, DIGITS);
    Histogram inferenceMicros = new Histogram(MAX_MICROS, DIGITS);
    Map<String, Long> sentNanos = new HashMap<>();
    SplittableRandom random = new SplittableRandom(1);
    long startNanos = observer.nanoTime().getAsLong();
    long number = 0;
    double dueSeconds = 0;
    while (true) {
      long nowNanos = observer.nanoTime().getAsLong();
      boolean filming = dueSeconds < WARM_SECONDS + seconds;
      if (!filming && sentNanos.isEmpty()) {
        return new LatencyRun(
            framesPerSecond,
            micros,
            inferenceMicros,
            config.getInt(NetworkKeys.BATCH_QUEUE_DELAY_MS),
            config.getInt(KafkaKeys.COMMIT_INTERVAL_MS));
      }
      long waitNanos = startNanos + (long) (dueSeconds * 1e9) - nowNanos;
      if (filming && waitNanos <= 0) {
        sentNanos.put(observer.world().send(topic, number), nowNanos);
        number++;
        dueSeconds = (number + random.nextDouble(-JITTER, JITTER)) / framesPerSecond;
        continue;
      }
      if (-waitNanos > PATIENCE_NANOS) {
        throw new BenchFailedException(sentNanos.size() + " frames had no mask in time");
      }
      Duration wait = Duration.ofNanos(Math.max(0, waitNanos));
      reader.poll(
          filming && wait.compareTo(LONGEST_POLL) < 0 ? wait : LONGEST_POLL,
          mask -> {
            Long sent = sentNanos.remove(mask.getFrameId());
            long readNanos = observer.nanoTime().getAsLong();
            if (sent != null && sent - startNanos > WARM_SECONDS * 1e9) {
              micros.recordValue((readNanos - sent) / 1_000);
              inferenceMicros.recordValue(mask.getTimings().getInferenceMicros());
            }
          });
      observer.world().checkSends();
    }
  }

  double millis(double percentile) {
    return micros.getValueAtPercentile(percentile) / 1e3;
  }

  double inferenceMillis() {
    return inferenceMicros.getValueAtPercentile(50) / 1e3;
  }
}
