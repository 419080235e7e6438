package io.atrous.bench;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atrous.bench.NetworkBench.Subject;
import io.atrous.bench.NetworkPart.Extent;
import io.atrous.inference.torch.DenseConvolution;
import io.atrous.inference.torch.TorchScriptCompiler;
import io.atrous.inference.torch.TorchScriptModule;
import io.atrous.inference.torch.TorchScriptVariant;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.model.Normalization;
import io.atrous.network.Precision;
import io.atrous.network.TrainableNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All variants of a network in memory, ready to run on random images, and proven to compute the
 * same. A variant that this processor does not run is left out, and the log says so.
 *
 * <p><b>Threading:</b> confined to one thread. Owns what it loads.
 */
final class LoadedVariants implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LoadedVariants.class);
  private static final List<Precision> PRECISIONS = List.of(Precision.FP32, Precision.BF16);
  private static final int CHANNELS = 3;

  /** What logits may differ by from the blocks'; beyond, something is broken. */
  private static final double FP32_TOLERANCE = 1e-4;

  private static final double BF16_TOLERANCE = 0.05;

  private final Subject subject;
  private final TorchScriptCompiler compiler;
  private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  private final Deque<TorchScriptModule> modules = new ArrayDeque<>();
  private final SplittableRandom random = new SplittableRandom(1);
  private final Map<NetworkPart, Runnable> parts = new LinkedHashMap<>();

  private interface Compilation {
    TorchScriptModule compile() throws IOException;
  }

  private LoadedVariants(Subject subject, TorchScriptCompiler compiler) {
    this.subject = subject;
    this.compiler = compiler;
  }

  /**
   * Loads a network's variants.
   *
   * @throws BenchFailedException if one computes something else than the blocks
   */
  static LoadedVariants load(Subject subject, TorchScriptCompiler compiler) throws IOException {
    LoadedVariants loaded = new LoadedVariants(subject, compiler);
    try {
      loaded.addPeaks();
      loaded.addNetworks();
      return loaded;
    } catch (Throwable e) {
      loaded.close();
      throw e;
    }
  }

  /** What can be run, in the order of a report. */
  Map<NetworkPart, Runnable> parts() {
    return Collections.unmodifiableMap(parts);
  }

  private void addPeaks() throws IOException {
    for (Precision precision : PRECISIONS) {
      for (DenseConvolution convolution : DenseConvolution.FAST) {
        String name = precision.label() + " " + convolution;
        TorchScriptModule module = loaded(name, () -> convolution.compile(compiler, precision));
        if (module != null) {
          NDArray images = images(1, convolution.size(), convolution.size());
          double gigaflops = 2e-9 * convolution.multiplyAdds();
          parts.put(
              new NetworkPart(name, Extent.PEAK, precision, 1, gigaflops, null),
              () -> module.runBody(images));
        }
      }
    }
  }

  private void addNetworks() throws IOException {
    int batch = subject.batchSize();
    int height = subject.inputHeight();
    int width = subject.inputWidth();
    double gigaflops = subject.gigaflops();
    Shape shape = new Shape(batch, CHANNELS, height, width);
    float[] normalized = normalized(Math.toIntExact(shape.size()));
    TrainableNetwork blocks = TrainableNetwork.of(subject.weights(), manager);
    parts.put(
        new NetworkPart("blocks fp32", Extent.LOGITS, Precision.FP32, batch, gigaflops, 0.0),
        () -> {
          try (NDManager call = manager.newSubManager()) {
            blocks.logits(call.create(normalized, shape), false);
          }
        });
    NDArray images = images(batch, height, width);
    NDArray labels = manager.zeros(new Shape(batch, height, width), DataType.UINT8);
    NDArray confidence = labels.duplicate();
    for (Precision precision : PRECISIONS) {
      for (Kernels kernels : Kernels.of(Device.cpu())) {
        TorchScriptVariant variant = new TorchScriptVariant(kernels, precision);
        TorchScriptModule module = loaded(variant.label(), () -> compile(variant));
        if (module != null) {
          double error = checkedError(variant, module, blocks, normalized, shape);
          Map<Extent, Runnable> runs = new EnumMap<>(Extent.class);
          runs.put(Extent.BODY, () -> module.runBody(images));
          runs.put(Extent.LABELS, () -> module.segment(images, labels, null));
          runs.put(Extent.CONFIDENCE, () -> module.segment(images, labels, confidence));
          runs.forEach(
              (extent, run) ->
                  parts.put(
                      new NetworkPart(variant.label(), extent, precision, batch, gigaflops, error),
                      run));
        }
      }
    }
  }

  private TorchScriptModule compile(TorchScriptVariant variant) throws IOException {
    // Which normalization makes no difference to how long it takes.
    return compiler.compile(subject.weights(), Normalization.IMAGENET, variant, Device.cpu());
  }

  private @Nullable TorchScriptModule loaded(String name, Compilation compilation)
      throws IOException {
    try {
      TorchScriptModule module = compilation.compile();
      modules.push(module);
      return module;
    } catch (EngineException e) {
      LOG.warn("{} does not run here: {}", name, TorchScriptModule.reason(e));
      return null;
    }
  }

  /** {@code ‖a − b‖₂ / ‖b‖₂} of a variant's logits against the blocks'. */
  private double checkedError(
      TorchScriptVariant variant,
      TorchScriptModule module,
      TrainableNetwork blocks,
      float[] normalized,
      Shape shape) {
    try (NDManager call = manager.newSubManager()) {
      NDArray x = call.create(normalized, shape);
      NDArray expected = blocks.logits(x, false);
      NDArray difference = module.logits(x).sub(expected);
      double error = difference.norm().getFloat() / (double) expected.norm().getFloat();
      double tolerance = variant.precision() == Precision.FP32 ? FP32_TOLERANCE : BF16_TOLERANCE;
      // Not a number is no better than too much.
      if (!(error <= tolerance)) {
        throw new BenchFailedException(
            String.format(
                Locale.ROOT,
                "%s computes %s wrongly: its logits differ by %.2g, more than %.2g",
                variant.label(),
                subject.name(),
                error,
                tolerance));
      }
      return error;
    }
  }

  private NDArray images(int batch, int height, int width) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(batch * height * width * CHANNELS);
    while (pixels.hasRemaining()) {
      pixels.put((byte) random.nextInt());
    }
    return manager.create(pixels.flip(), new Shape(batch, height, width, CHANNELS), DataType.UINT8);
  }

  private float[] normalized(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Override
  public void close() {
    modules.forEach(TorchScriptModule::close);
    manager.close();
  }
}
