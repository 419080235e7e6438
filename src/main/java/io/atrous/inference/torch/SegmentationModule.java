package io.atrous.inference.torch;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * A network on a device, from pixels to masks. It owns its native memory until {@link #close}; the
 * arrays that go in and out are their managers'.
 *
 * <p><b>Threading:</b> confined to the thread that loaded it.
 */
interface SegmentationModule extends AutoCloseable {

  /**
   * Segments images: normalizes, runs the network and writes down each pixel's winning class.
   *
   * @param images uint8 [N, H, W, C]
   * @param labels uint8 [N, H, W], written in place: class indices
   * @param confidence uint8 [N, H, W], written in place: round(255 * softmax of the winning class);
   *     null if it is not wanted
   */
  void segment(NDArray images, NDArray labels, @Nullable NDArray confidence);

  /**
   * Computes how likely each class is at each pixel.
   *
   * @param images uint8 [N, H, W, C], of any size
   * @return float32 [N, H, W, classes], in the manager of {@code images}
   */
  NDArray probabilities(NDArray images);

  @Override
  void close();
}
