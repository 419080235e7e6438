package io.atrous.inference;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What an engine is.
 *
 * @param device such as {@code cpu} or {@code cuda:0}
 * @param precision of the network's body: fp32, bf16, fp16 or int8; {@code as saved} in somebody
 *     else's TorchScript file
 * @param inputHeight pixels down of every image
 * @param inputWidth pixels across of every image
 * @param maxBatchSize the most images per call
 */
public record EngineProfile(
    String device, String precision, int inputHeight, int inputWidth, int maxBatchSize) {

  private static final int CHANNELS = 3;

  /**
   * Refuses what the engine can't take.
   *
   * @param images a batch, as {@link SegmentationEngine#segment} takes it
   * @throws IllegalArgumentException if there are too few or too many, or one is not of the size
   */
  public void requireBatch(List<ByteBuffer> images) {
    if (images.isEmpty() || images.size() > maxBatchSize) {
      throw new IllegalArgumentException(
          "a batch has 1 to " + maxBatchSize + " images, not " + images.size());
    }
    images.forEach(image -> requireImage(image, inputHeight, inputWidth));
  }

  /**
   * Refuses what is no image of a size.
   *
   * @throws IllegalArgumentException if it has too many bytes or too few
   */
  public static void requireImage(ByteBuffer image, int height, int width) {
    int bytes = Math.multiplyExact(height * width, CHANNELS);
    if (image.capacity() != bytes) {
      throw new IllegalArgumentException(
          "an image has " + bytes + " bytes, not " + image.capacity());
    }
  }
}
