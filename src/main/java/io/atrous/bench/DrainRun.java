package io.atrous.bench;

import io.atrous.bench.ServiceHost.Report;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a service did between the ends of two batches while frames enough waited for it.
 *
 * @param frames that its engines labelled
 * @param wallNanos the time between
 * @param service processor time of its process
 * @param brokerNanos processor time of the broker's process
 * @param consumerNanos processor time of the consumer's process, which is the bench's
 * @param batches of the network
 * @param bare the network before the service used it; null for the null engine
 */
record DrainRun(
    long frames,
    long wallNanos,
    ServiceUsage service,
    long brokerNanos,
    long consumerNanos,
    long batches,
    @Nullable BareNetwork bare) {

  private static final Duration POLL = Duration.ofMillis(20);
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Frames and time that a service gets to come to speed: by whichever it needs less. */
  private static final int WARM_FRAMES = 150;

  private static final long WARM_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int LEAST_WARM_FRAMES = 16;

  /** With fewer frames left, a service no longer has work for all of its threads. */
  private static final double BACKLOG_SHARE = 0.85;

  private record Moment(Report report, long brokerNanos, long consumerNanos) {}

  /**
   * Waits until a service has worked long enough, or until little of the backlog is left.
   *
   * @param observer of a service that has just started
   * @param reader since before it did
   */
  static DrainRun observe(
      ServiceBench.Observer observer, MaskReader reader, int backlog, long enoughNanos)
      throws IOException {
    LongSupplier nanoTime = observer.nanoTime();
    long warmFrames = Math.min(WARM_FRAMES, backlog / 4);
    long most = Math.round(BACKLOG_SHARE * backlog);
    readOn(observer, reader, masks -> masks > 0);
    long firstMaskNanos = nanoTime.getAsLong();
    readOn(
        observer,
        reader,
        masks ->
            masks >= warmFrames
                || (masks >= LEAST_WARM_FRAMES
                    && nanoTime.getAsLong() - firstMaskNanos >= WARM_NANOS));
    if (reader.masks() >= most) {
      throw new BenchFailedException(
          "%d of %d frames were answered before there was something to measure: set --backlog"
              .formatted(reader.masks(), backlog));
    }
    Moment begin = moment(observer);
    long beginNanos = nanoTime.getAsLong();
    readOn(
        observer,
        reader,
        masks -> masks >= most || nanoTime.getAsLong() - beginNanos >= enoughNanos);
    return between(begin, moment(observer));
  }

  /** Reads masks until there are enough. */
  private static void readOn(
      ServiceBench.Observer observer, MaskReader reader, LongPredicate isEnough)
      throws IOException {
    long lastNewsNanos = observer.nanoTime().getAsLong();
    long lastLookNanos = lastNewsNanos;
    while (!isEnough.test(reader.masks())) {
      long masksBefore = reader.masks();
      reader.poll(POLL, mask -> {});
      long nowNanos = observer.nanoTime().getAsLong();
      if (reader.masks() > masksBefore) {
        lastNewsNanos = nowNanos;
      } else if (nowNanos - lastLookNanos > LOOK_NANOS) {
        observer.service().check();
        lastLookNanos = nowNanos;
      }
      if (nowNanos - lastNewsNanos > PATIENCE_NANOS) {
        throw new BenchFailedException(
            "No mask has come for %d seconds; %d frames are answered"
                .formatted(TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS), reader.masks()));
      }
    }
  }

  private static Moment moment(ServiceBench.Observer observer) throws IOException {
    return new Moment(
        observer.service().read(), observer.world().brokerNanos(), ServiceUsage.processNanosNow());
  }

  private static DrainRun between(Moment begin, Moment end) {
    EngineMeter.Reading from = begin.report.reading();
    EngineMeter.Reading to = end.report.reading();
    return new DrainRun(
        to.frames() - from.frames(),
        to.nanos() - from.nanos(),
        to.usage().since(from.usage()),
        end.brokerNanos - begin.brokerNanos,
        end.consumerNanos - begin.consumerNanos,
        to.batches() - from.batches(),
        end.report.bare());
  }

  double framesPerSecond() {
    return frames / (wallNanos / 1e9);
  }

  double framesPerProcessorSecond() {
    return frames / (service.processNanos() / 1e9);
  }

  double meanBatchSize() {
    return (double) frames / batches;
  }

  /** Milliseconds per frame. */
  double perFrame(long nanos) {
    return nanos / 1e6 / frames;
  }
}
