package io.atrous.inference;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A compiled network on a device.
 *
 * <p><b>Threading:</b> confined to the inference lane that owns it, {@link #close} included.
 */
public interface SegmentationEngine extends AutoCloseable {

  /** What runs, where, how: for events, logs and metrics. */
  EngineProfile profile();

  /**
   * Segments a batch.
   *
   * @param images 1 to {@link EngineProfile#maxBatchSize} images, each uint8 [inputHeight,
   *     inputWidth, 3] RGB, a direct buffer from position 0; only read, and not after this returns
   * @return one result per image, in order, owned by the caller
   * @throws DeviceMemoryException if there is no memory for as many images now
   * @throws RuntimeException if the device failed; no image of the batch has a result then
   */
  List<EngineMask> segment(List<ByteBuffer> images);

  @Override
  void close();
}
