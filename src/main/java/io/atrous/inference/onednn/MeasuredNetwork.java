package io.atrous.inference.onednn;

import io.atrous.inference.EngineFailedException;
import io.atrous.model.Normalization;
import io.atrous.model.Quantization;
import io.atrous.network.Precision;
import io.atrous.network.Weights;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A network on oneDNN for batches of one size, for comparing it with another implementation and for
 * measuring how fast it is.
 *
 * <p><b>Threading:</b> confined to the thread that made it. Owns its native memory.
 */
public final class MeasuredNetwork implements AutoCloseable {

  private static final int CHANNELS = 3;

  private final OneDnnNetwork network;
  private final int batchSize;
  private final int pixels;

  /**
   * Makes a network ready.
   *
   * @param quantization the scales by which it computes in eight bits; null if it does not
   * @param threads the number of cores that a call may use
   * @throws EngineFailedException if oneDNN does not run it in this precision here
   * @throws io.atrous.model.ModelFileException if the weights are damaged
   */
  public MeasuredNetwork(
      Weights weights,
      Precision precision,
      @Nullable Quantization quantization,
      int batchSize,
      int height,
      int width,
      int threads) {
    // Which normalization makes no difference to logits, nor to how long they take.
    network =
        new OneDnnNetwork(
            NetworkSource.of(weights, Normalization.IMAGENET, quantization),
            precision,
            List.of(batchSize),
            height,
            width,
            threads);
    this.batchSize = batchSize;
    pixels = height * width;
  }

  /** Returns the name of a precision's variant. */
  public static String label(Precision precision) {
    return new OneDnnVariant(precision).label();
  }

  /**
   * Computes logits.
   *
   * @param images float [N, 3, H, W], normalised, row-major
   * @return float [N, classes, H, W], row-major
   */
  public float[] logits(float[] images) {
    ReadyBatch batch = network.batchWithin(batchSize);
    if (batch.size() == batchSize) {
      return batch.logits(images);
    }
    int each = images.length / batchSize;
    float[] logits = {};
    for (int i = 0; i < batchSize; i++) {
      float[] one = batch.logits(Arrays.copyOfRange(images, i * each, (i + 1) * each));
      if (i == 0) {
        logits = new float[batchSize * one.length];
      }
      System.arraycopy(one, 0, logits, i * one.length, one.length);
    }
    return logits;
  }

  /**
   * Prepares runs on given images.
   *
   * @param images uint8 [N, H, W, 3], row-major, in direct memory; only read
   */
  public Runs on(ByteBuffer images) {
    return new Runs(images);
  }

  /** Runs on the same images, again and again: for timing. They end with their network. */
  public final class Runs {

    private final ByteBuffer[] images = new ByteBuffer[batchSize];
    private final byte[] labels = new byte[pixels];
    private final byte[] confidence = new byte[pixels];

    private Runs(ByteBuffer all) {
      int bytes = pixels * CHANNELS;
      for (int i = 0; i < images.length; i++) {
        images[i] = all.slice(i * bytes, bytes);
      }
    }

    /** From pixels to the logits before the last upsampling, which are dropped. */
    public void body() {
      run((batch, index) -> {});
    }

    /** From pixels to labels. */
    public void labels() {
      run((batch, index) -> batch.choose(index, labels, null));
    }

    /** From pixels to labels and confidence. */
    public void confidence() {
      run((batch, index) -> batch.choose(index, labels, confidence));
    }

    /** Runs all images, in batches as an engine does, and takes something out for each. */
    private void run(ObjIntConsumer<ReadyBatch> take) {
      for (int first = 0; first < images.length; ) {
        ReadyBatch batch = network.batchWithin(images.length - first);
        for (int i = 0; i < batch.size(); i++) {
          batch.put(i, images[first + i]);
        }
        batch.run();
        for (int i = 0; i < batch.size(); i++) {
          take.accept(batch, i);
        }
        first += batch.size();
      }
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
