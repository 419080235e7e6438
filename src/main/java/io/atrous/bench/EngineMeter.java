package io.atrous.bench;

import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.SegmentationEngine;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the engines of this process do, and reads all meters at the end of a batch, so that
 * no part of one is counted for nothing. Engines stand in the middle of a service: what has come
 * this far doesn't depend on who reads its masks, and how soon.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class EngineMeter {

  /** Engines that do nothing for this long have nothing to do. */
  private static final long IDLE_MILLIS = 200;

  private final LongSupplier nanoTime;
  private long frames;
  private long batches;
  private int running;
  private @Nullable CompletableFuture<Sample> reader;

  /**
   * The readings of all meters.
   *
   * @param nanos the nanoseconds of this process's clock
   * @param frames that engines have labelled since the process began
   * @param batches in which they did
   */
  record Sample(long nanos, long frames, long batches, ServiceUsage usage) {}

  EngineMeter(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The engine, counted; closes it in turn. */
  SegmentationEngine on(SegmentationEngine engine) {
    return new SegmentationEngine() {
      @Override
      public EngineProfile profile() {
        return engine.profile();
      }

      @Override
      public List<EngineMask> segment(List<ByteBuffer> images) {
        begin();
        try {
          return engine.segment(images);
        } finally {
          end(images.size());
        }
      }

      @Override
      public void close() {
        engine.close();
      }
    };
  }

  private synchronized void begin() {
    running++;
  }

  private synchronized void end(int images) {
    running--;
    frames += images;
    batches++;
    if (reader != null) {
      reader.complete(now());
      reader = null;
    }
  }

  private Sample now() {
    return new Sample(nanoTime.getAsLong(), frames, batches, ServiceUsage.now());
  }

  /** Returns the number of frames that engines have labelled since the process began. */
  synchronized long frames() {
    return frames;
  }

  /** Waits for the next batch to end, unless engines have nothing to do. */
  Sample atEndOfBatch() throws InterruptedException {
    CompletableFuture<Sample> reading = new CompletableFuture<>();
    synchronized (this) {
      reader = reading;
    }
    while (true) {
      try {
        return reading.get(IDLE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        synchronized (this) {
          if (running == 0 && !reading.isDone()) {
            reader = null;
            return now();
          }
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException("nobody fails it", e);
      }
    }
  }
}
