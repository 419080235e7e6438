package io.atrous.bench;

import io.atrous.inference.SegmentationEngine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * The speed of an engine with nothing around it, in full batches.
 *
 * @param frames the number of frames that it labelled
 * @param wallNanos the time that the run took, in nanoseconds
 */
record BareNetwork(long frames, long wallNanos) {

  private static final int LEAST_BATCHES = 3;

  /**
   * Runs an engine, on its lane.
   *
   * @param enoughNanos no further batch begins after this
   */
  static BareNetwork measure(SegmentationEngine engine, long enoughNanos, LongSupplier nanoTime) {
    SplittableRandom random = new SplittableRandom(1);
    int bytes = engine.profile().inputHeight() * engine.profile().inputWidth() * 3;
    List<ByteBuffer> images = new ArrayList<>();
    for (int i = 0; i < engine.profile().maxBatchSize(); i++) {
      byte[] pixels = new byte[bytes];
      random.nextBytes(pixels);
      images.add(ByteBuffer.allocateDirect(bytes).put(0, pixels));
    }
    engine.segment(images);
    long frames = 0;
    long startNanos = nanoTime.getAsLong();
    long wallNanos = 0;
    for (int batch = 0; batch < LEAST_BATCHES || wallNanos < enoughNanos; batch++) {
      engine.segment(images);
      frames += images.size();
      wallNanos = nanoTime.getAsLong() - startNanos;
    }
    return new BareNetwork(frames, wallNanos);
  }

  double millisPerFrame() {
    return wallNanos / 1e6 / frames;
  }
}
