package io.atrous.bench;

import io.atrous.bench.ServiceHost.Report;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The work of a service between the ends of two batches, while frames enough waited for it.
 *
 * @param frames that its engines labelled
 * @param wallNanos the time between
 * @param service processor time of its process
 * @param brokerNanos processor time of the broker's process
 * @param consumerNanos processor time of the consumer's process, which is the bench's
 * @param batches the batches of the network
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

  /** Frames and time that a service gets to come to speed: by whichever it needs less. */
  private static final int WARM_FRAMES = 150;

  private static final long WARM_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int LEAST_WARM_FRAMES = 16;

  /** With fewer frames left, a service no longer has work for all of its threads. */
  private static final double BACKLOG_SHARE = 0.85;

  /** The share of a backlog that must be measured: about half is usual. */
  private static final double LEAST_SHARE = 0.2;

  private record Moment(Report report, long brokerNanos, long consumerNanos) {}

  /**
   * Waits until a service has worked long enough, or until little of the backlog is left.
   *
   * @param observer the observer of a service that has just started
   * @param reader since before it did
   * @param framesBefore what its process had labelled before
   */
  static DrainRun observe(
      ServiceBench.Observer observer,
      OutcomeAudit reader,
      long framesBefore,
      int backlog,
      long enoughNanos)
      throws IOException {
    LongSupplier nanoTime = observer.nanoTime();
    long warmFrames = Math.min(WARM_FRAMES, backlog / 4);
    long most = Math.round(BACKLOG_SHARE * backlog);
    workOn(observer, reader, framesBefore, frames -> frames > 0);
    long firstNanos = nanoTime.getAsLong();
    workOn(
        observer,
        reader,
        framesBefore,
        frames ->
            frames >= warmFrames
                || (frames >= LEAST_WARM_FRAMES
                    && nanoTime.getAsLong() - firstNanos >= WARM_NANOS));
    Moment begin = moment(observer);
    long beginNanos = nanoTime.getAsLong();
    workOn(
        observer,
        reader,
        framesBefore,
        frames -> frames >= most || nanoTime.getAsLong() - beginNanos >= enoughNanos);
    return between(begin, moment(observer));
  }

  /** Tells whether most of the backlog was answered before the measurement began. */
  boolean wasTooShort(int backlog, long enoughNanos) {
    return frames < LEAST_SHARE * backlog && wallNanos < enoughNanos;
  }

  /** Reads masks until engines have labelled enough. */
  private static void workOn(
      ServiceBench.Observer observer,
      OutcomeAudit reader,
      long framesBefore,
      LongPredicate isEnough)
      throws IOException {
    long frames = 0;
    long lastNewsNanos = observer.nanoTime().getAsLong();
    while (!isEnough.test(frames)) {
      reader.poll(POLL, mask -> {});
      long now = observer.service().frames() - framesBefore;
      long nowNanos = observer.nanoTime().getAsLong();
      if (now > frames) {
        frames = now;
        lastNewsNanos = nowNanos;
      } else if (nowNanos - lastNewsNanos > PATIENCE_NANOS) {
        throw new BenchFailedException(
            "No frame has been labelled for %d seconds, after %d of them"
                .formatted(TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS), frames));
      }
    }
  }

  private static Moment moment(ServiceBench.Observer observer) throws IOException {
    return new Moment(
        observer.service().read(), observer.world().brokerNanos(), ServiceUsage.processNanosNow());
  }

  private static DrainRun between(Moment begin, Moment end) {
    EngineMeter.Sample from = begin.report.reading();
    EngineMeter.Sample to = end.report.reading();
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

  /** Returns a time of the run as milliseconds per frame. */
  double perFrame(long nanos) {
    return nanos / 1e6 / frames;
  }
}
