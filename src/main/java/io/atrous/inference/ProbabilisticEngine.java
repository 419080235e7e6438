package io.atrous.inference;

import java.nio.ByteBuffer;

/**
 * An engine that also says how likely each class is, for images of any size: what evaluation needs
 * to average the answers for several sizes of an image.
 *
 * <p><b>Threading:</b> confined to its thread, as every engine is.
 */
public interface ProbabilisticEngine extends SegmentationEngine {

  /**
   * Computes the probability of each class at each pixel.
   *
   * @param image uint8 [height, width, 3] RGB, a direct buffer of exactly that size
   * @return float [height, width, classes], row-major; the classes of a pixel sum to 1
   * @throws DeviceMemoryException if there is no memory for an image of that size
   * @throws RuntimeException if the device failed, or the network does not take that size
   */
  float[] probabilities(ByteBuffer image, int height, int width);
}
