package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.model.Normalization;
import io.atrous.network.Precision;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A model's network in fp32 on the CPU, for comparing it with another implementation.
 *
 * <p><b>Threading:</b> confined to the thread that compiled it.
 */
public final class PlainNetwork implements AutoCloseable {

  private static final TorchScriptVariant VARIANT =
      new TorchScriptVariant(Kernels.PLAIN, Precision.FP32);

  private final int channels;
  private final TorchScriptModule module;

  private PlainNetwork(int channels, TorchScriptModule module) {
    this.channels = channels;
    this.module = module;
  }

  /**
   * Compiles a network.
   *
   * @param directory where the compiled network lies while it is loaded
   * @throws IOException if it can't be written there
   */
  public static PlainNetwork compile(Weights weights, Path directory) throws IOException {
    return new PlainNetwork(
        weights.network().inputChannels(),
        new TorchScriptCompiler(directory)
            .compile(weights, Normalization.IMAGENET, VARIANT, Device.cpu()));
  }

  /**
   * The logits of one image.
   *
   * @param image float [channels, height, width], normalised, row-major
   * @return float [classes, height, width], row-major
   */
  public float[] logits(float[] image, int height, int width) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      return module
          .logits(manager.create(image, new Shape(1, channels, height, width)))
          .toFloatArray();
    }
  }

  @Override
  public void close() {
    module.close();
  }
}
