package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atrous.inference.EngineFailedException;
import io.atrous.model.Normalization;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A network compiled for the CPU, for comparing it with another implementation and for measuring
 * how fast it is.
 *
 * <p><b>Threading:</b> confined to the thread that compiled it. Owns its native memory.
 */
public final class CompiledNetwork implements AutoCloseable {

  private final int channels;
  private final TorchScriptModule module;
  private final NDManager manager = PyTorch.engine().newBaseManager(Device.cpu());

  private CompiledNetwork(int channels, TorchScriptModule module) {
    this.channels = channels;
    this.module = module;
  }

  /** Compiles something with a compiler. */
  interface Compilation {
    TorchScriptModule compile(TorchScriptCompiler compiler) throws IOException;
  }

  /**
   * Compiles a network.
   *
   * @param directory where the compiled network lies while it is loaded
   * @throws IOException if it can't be written there
   * @throws EngineFailedException if this processor does not run the variant
   * @throws io.atrous.model.ModelFileException if the weights are damaged
   */
  public static CompiledNetwork compile(Weights weights, TorchScriptVariant variant, Path directory)
      throws IOException {
    // Which normalization makes no difference to logits, nor to how long they take.
    return compile(
        weights.network().inputChannels(),
        compiler -> compiler.compile(weights, Normalization.IMAGENET, variant, Device.cpu()),
        directory);
  }

  static CompiledNetwork compile(int channels, Compilation compilation, Path directory)
      throws IOException {
    try {
      return new CompiledNetwork(channels, compilation.compile(new TorchScriptCompiler(directory)));
    } catch (EngineException e) {
      throw EngineFailures.failed(e);
    }
  }

  /**
   * The logits of one image.
   *
   * @param image float [channels, height, width], normalised, row-major
   * @return float [classes, height, width], row-major
   */
  public float[] logits(float[] image, int height, int width) {
    try (NDManager call = manager.newSubManager()) {
      return module
          .logits(call.create(image, new Shape(1, channels, height, width)))
          .toFloatArray();
    }
  }

  /** {@code ‖a − b‖₂ / ‖b‖₂} of its logits against those of its blocks, on the blocks' images. */
  public double relativeError(NetworkBlocks blocks) {
    try (NDManager call = manager.newSubManager()) {
      NDArray images = blocks.images(call);
      NDArray expected = blocks.logits(images);
      NDArray difference = module.logits(images).sub(expected);
      return difference.norm().getFloat() / (double) expected.norm().getFloat();
    }
  }

  /**
   * Prepares runs on given images.
   *
   * @param pixels uint8 [count, height, width, channels], row-major, in direct memory; only read
   */
  public Runs on(ByteBuffer pixels, int count, int height, int width) {
    return new Runs(pixels.duplicate(), new Shape(count, height, width));
  }

  /** Runs on the same images, again and again: for timing. They end with their network. */
  public final class Runs {

    private final NDArray images;
    private final NDArray labels;
    private final NDArray confidence;

    private Runs(ByteBuffer pixels, Shape shape) {
      images = manager.create(pixels, shape.addAll(new Shape(channels)), DataType.UINT8);
      labels = manager.create(shape, DataType.UINT8);
      confidence = manager.create(shape, DataType.UINT8);
    }

    /** From pixels to the logits before the last upsampling, which are dropped. */
    public void body() {
      module.runBody(images);
    }

    /** From pixels to labels. */
    public void labels() {
      module.segment(images, labels, null);
    }

    /** From pixels to labels and confidence. */
    public void confidence() {
      module.segment(images, labels, confidence);
    }
  }

  @Override
  public void close() {
    module.close();
    manager.close();
  }
}
