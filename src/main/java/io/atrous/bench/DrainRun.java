package io.atrous.bench;

import io.atrous.bench.ServiceHost.Report;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a service did between two moments at which frames enough waited for it. Both moments are
 * arrivals of a batch's first mask at a consumer, so no part of a batch is counted for nothing.
 *
 * @param frames whose masks arrived
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
    int batches,
    @Nullable BareNetwork bare) {

  private static final Duration POLL = Duration.ofMillis(20);
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Frames and time that a service gets to come to speed: by whichever it needs less. */
  private static final int WARM_FRAMES = 150;

  private static final long WARM_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int LEAST_WARM_FRAMES = 16;

  /** With few frames left, a service no longer has work for all of its threads. */
  private static final double BACKLOG_SHARE = 0.9;

  private record Moment(
      long nanos, long masks, int batches, Report report, long brokerNanos, long consumerNanos) {}

  /**
   * Waits until a service has worked long enough, or until a tenth of the backlog is left.
   *
   * @param observer of a service that has just started
   * @param reader since before it did
   */
  static DrainRun observe(
      ServiceBench.Observer observer, MaskReader reader, int backlog, long enoughNanos)
      throws IOException {
    long firstMaskNanos = 0;
    long lastNewsNanos = observer.nanoTime().getAsLong();
    long lastLookNanos = lastNewsNanos;
    Moment begin = null;
    while (true) {
      long masksBefore = reader.masks();
      int batchesBefore = reader.batches();
      boolean newBatch = reader.poll(POLL, mask -> {});
      long nowNanos = observer.nanoTime().getAsLong();
      if (reader.masks() == masksBefore) {
        if (nowNanos - lastLookNanos > LOOK_NANOS) {
          // Says so if the service has stopped.
          var unused = observer.service().usage();
          lastLookNanos = nowNanos;
        }
        if (nowNanos - lastNewsNanos > PATIENCE_NANOS) {
          throw new BenchFailedException(
              "No mask has come for %d seconds; %d of %d frames are answered"
                  .formatted(
                      TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS), reader.masks(), backlog));
        }
        continue;
      }
      lastNewsNanos = nowNanos;
      if (masksBefore == 0) {
        firstMaskNanos = nowNanos;
      }
      boolean last = reader.masks() >= backlog;
      if (!newBatch && !last) {
        continue;
      }
      boolean warm =
          masksBefore >= WARM_FRAMES
              || (masksBefore >= LEAST_WARM_FRAMES && nowNanos - firstMaskNanos >= WARM_NANOS);
      if (begin == null && warm) {
        begin = moment(observer, nowNanos, masksBefore, batchesBefore);
      } else if (begin != null
          && masksBefore > begin.masks
          && (last
              || nowNanos - begin.nanos >= enoughNanos
              || masksBefore >= BACKLOG_SHARE * backlog)) {
        return between(begin, moment(observer, nowNanos, masksBefore, batchesBefore));
      }
      if (last) {
        throw new BenchFailedException(
            "All %d frames were answered before there was something to measure: set --backlog"
                .formatted(backlog));
      }
    }
  }

  private static Moment moment(
      ServiceBench.Observer observer, long nowNanos, long masks, int batches) throws IOException {
    return new Moment(
        nowNanos,
        masks,
        batches,
        observer.service().usage(),
        observer.world().brokerNanos(),
        ServiceUsage.processNanosNow());
  }

  private static DrainRun between(Moment begin, Moment end) {
    return new DrainRun(
        end.masks - begin.masks,
        end.nanos - begin.nanos,
        end.report.usage().since(begin.report.usage()),
        end.brokerNanos - begin.brokerNanos,
        end.consumerNanos - begin.consumerNanos,
        end.batches - begin.batches,
        end.report.bare());
  }

  double framesPerSecond() {
    return frames / (wallNanos / 1e9);
  }

  double framesPerProcessorSecond() {
    return frames / (service.processNanos() / 1e9);
  }

  double meanBatchSize() {
    return (double) frames / Math.max(1, batches);
  }

  /** Milliseconds per frame. */
  double perFrame(long nanos) {
    return nanos / 1e6 / frames;
  }
}
