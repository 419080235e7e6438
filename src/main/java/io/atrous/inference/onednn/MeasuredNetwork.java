package io.atrous.inference.onednn;

import io.atrous.inference.EngineFailedException;
import io.atrous.model.Normalization;
import io.atrous.network.Precision;
import io.atrous.network.Weights;
import java.nio.ByteBuffer;
import java.util.List;
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
  private final ReadyBatch batch;
  private final int pixels;

  /**
   * Makes a network ready.
   *
   * @param threads the number of cores that a call may use
   * @throws EngineFailedException if oneDNN does not run it in this precision here
   * @throws io.atrous.model.ModelFileException if the weights are damaged
   */
  public MeasuredNetwork(
      Weights weights, Precision precision, int batchSize, int height, int width, int threads) {
    // Which normalization makes no difference to logits, nor to how long they take.
    network =
        new OneDnnNetwork(
            NetworkSource.of(weights, Normalization.IMAGENET),
            precision,
            List.of(batchSize),
            height,
            width,
            threads);
    batch = network.batchWithin(batchSize);
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
    return batch.logits(images);
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

    private final ByteBuffer[] images = new ByteBuffer[batch.size()];
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
      for (int i = 0; i < images.length; i++) {
        batch.put(i, images[i]);
      }
      batch.run();
    }

    /** From pixels to labels. */
    public void labels() {
      choose(null);
    }

    /** From pixels to labels and confidence. */
    public void confidence() {
      choose(confidence);
    }

    private void choose(byte @Nullable [] confidences) {
      body();
      for (int i = 0; i < images.length; i++) {
        batch.choose(i, labels, confidences);
      }
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
