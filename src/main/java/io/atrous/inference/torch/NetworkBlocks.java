package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.atrous.network.TrainableNetwork;
import io.atrous.network.Weights;

/**
 * A network as the blocks it is trained in, on a CPU and on given images: what the compiled network
 * is compared with.
 *
 * <p><b>Threading:</b> confined to the thread that made it. Owns its native memory.
 */
public final class NetworkBlocks implements AutoCloseable {

  private final NDManager manager = PyTorch.engine().newBaseManager(Device.cpu());
  private final TrainableNetwork network;
  private final float[] images;
  private final Shape shape;

  /**
   * Makes the blocks.
   *
   * @param images float [count, channels, height, width], normalised, row-major; only read
   * @throws io.atrous.model.ModelFileException if the weights are damaged
   */
  public NetworkBlocks(Weights weights, float[] images, int count, int height, int width) {
    try {
      this.network = TrainableNetwork.of(weights, manager);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
    this.images = images;
    this.shape = new Shape(count, weights.network().inputChannels(), height, width);
  }

  /** Computes the images' logits and drops them: for timing. */
  public void run() {
    try (NDManager call = manager.newSubManager()) {
      logits(images(call));
    }
  }

  /** Computes the images' logits: float [count, classes, height, width], row-major. */
  public float[] logits() {
    try (NDManager call = manager.newSubManager()) {
      return logits(images(call)).toFloatArray();
    }
  }

  /** The images, in a manager of the caller's. */
  NDArray images(NDManager call) {
    return call.create(images, shape);
  }

  /** The logits, in the manager of the images. */
  NDArray logits(NDArray input) {
    return network.logits(input, false);
  }

  @Override
  public void close() {
    manager.close();
  }
}
