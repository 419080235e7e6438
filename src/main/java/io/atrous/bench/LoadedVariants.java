package io.atrous.bench;

import io.atrous.bench.NetworkBench.Subject;
import io.atrous.bench.NetworkPart.Extent;
import io.atrous.calibration.ActivationScales;
import io.atrous.calibration.ScaleRule;
import io.atrous.inference.EngineChoice;
import io.atrous.inference.EngineFailedException;
import io.atrous.inference.onednn.MeasuredNetwork;
import io.atrous.inference.torch.CompiledNetwork;
import io.atrous.inference.torch.DenseConvolution;
import io.atrous.inference.torch.NetworkBlocks;
import io.atrous.inference.torch.TorchScriptVariant;
import io.atrous.model.Normalization;
import io.atrous.model.Quantization;
import io.atrous.network.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
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

  /** The most by which logits may differ from the blocks'; beyond, something is broken. */
  private static final double FP32_TOLERANCE = 1e-4;

  private static final double BF16_TOLERANCE = 0.05;

  /** Noise is not what a model was calibrated on. */
  private static final double INT8_TOLERANCE = 0.3;

  private final Subject subject;
  private final int threads;
  private final Path temporaryDirectory;
  private final Deque<Runnable> ends = new ArrayDeque<>();
  private final SplittableRandom random = new SplittableRandom(1);
  private final Map<NetworkPart, Runnable> parts = new LinkedHashMap<>();
  private @Nullable NetworkBlocks blocks;

  private interface Compilation<T> {
    T compile() throws IOException;
  }

  private LoadedVariants(Subject subject, int threads, Path temporaryDirectory) {
    this.subject = subject;
    this.threads = threads;
    this.temporaryDirectory = temporaryDirectory;
  }

  /**
   * Loads a network's variants.
   *
   * @param engine the runtime whose variants are loaded; all for {@link EngineChoice#AUTO}
   * @param threads the cores to compute on
   * @param temporaryDirectory the place where compiled networks lie while they are loaded
   * @throws BenchFailedException if one computes something else than the blocks
   */
  static LoadedVariants load(
      Subject subject, EngineChoice engine, int threads, Path temporaryDirectory)
      throws IOException {
    LoadedVariants loaded = new LoadedVariants(subject, threads, temporaryDirectory);
    try {
      loaded.addConvolutions();
      loaded.addNetworks(engine);
      return loaded;
    } catch (Throwable e) {
      loaded.close();
      throw e;
    }
  }

  /** Returns the parts that can be run, in the order of a report. */
  Map<NetworkPart, Runnable> parts() {
    return Collections.unmodifiableMap(parts);
  }

  private void addConvolutions() throws IOException {
    for (Precision precision : PRECISIONS) {
      for (DenseConvolution convolution : DenseConvolution.FAST) {
        String name = precision.label() + " " + convolution;
        CompiledNetwork network =
            loaded(
                name,
                () -> convolution.compile(precision, temporaryDirectory),
                CompiledNetwork::close);
        if (network != null) {
          int size = convolution.size();
          double gigaflops = 2e-9 * convolution.multiplyAdds();
          parts.put(
              new NetworkPart(name, Extent.CONVOLUTION, precision, 1, gigaflops, null),
              network.on(pixels(size * size), 1, size, size)::body);
        }
      }
    }
  }

  private void addNetworks(EngineChoice engine) throws IOException {
    int images = subject.batchSize() * subject.inputHeight() * subject.inputWidth();
    float[] normalized = normalized(images * CHANNELS);
    NetworkBlocks expected =
        new NetworkBlocks(
            subject.weights(),
            normalized,
            subject.batchSize(),
            subject.inputHeight(),
            subject.inputWidth());
    blocks = expected;
    parts.put(part("blocks fp32", Extent.LOGITS, Precision.FP32, 0.0), expected::run);
    ByteBuffer pixels = pixels(images);
    for (Precision precision : PRECISIONS) {
      if (engine != EngineChoice.ONEDNN) {
        for (TorchScriptVariant variant : TorchScriptVariant.onCpu(precision)) {
          addTorchScript(variant, pixels, expected);
        }
      }
      if (engine != EngineChoice.TORCH) {
        addOneDnn(precision, pixels, normalized, expected);
      }
    }
    if (engine != EngineChoice.TORCH) {
      addOneDnn(Precision.INT8, pixels, normalized, expected);
    }
  }

  private @Nullable Quantization quantization(Precision precision, ByteBuffer pixels) {
    if (precision != Precision.INT8) {
      return null;
    }
    return subject.quantization() == null ? calibrated(pixels) : subject.quantization();
  }

  /** Calibrates on what the network is run on: for its speed, which no scale changes. */
  private Quantization calibrated(ByteBuffer pixels) {
    ByteBuffer image = pixels.slice(0, subject.inputHeight() * subject.inputWidth() * CHANNELS);
    return ActivationScales.allInEightBits(
        subject.weights(),
        Normalization.IMAGENET,
        subject.inputHeight(),
        subject.inputWidth(),
        List.of(image),
        ScaleRule.MAX,
        threads,
        Quantization.Accuracy.UNMEASURED);
  }

  private void addTorchScript(TorchScriptVariant variant, ByteBuffer pixels, NetworkBlocks expected)
      throws IOException {
    CompiledNetwork network =
        loaded(
            variant.label(),
            () -> CompiledNetwork.compile(subject.weights(), variant, temporaryDirectory),
            CompiledNetwork::close);
    if (network != null) {
      CompiledNetwork.Runs runs =
          network.on(pixels, subject.batchSize(), subject.inputHeight(), subject.inputWidth());
      addExtents(
          variant.label(),
          variant.precision(),
          network.relativeError(expected),
          runs::body,
          runs::labels,
          runs::confidence);
    }
  }

  private void addOneDnn(
      Precision precision, ByteBuffer pixels, float[] normalized, NetworkBlocks expected)
      throws IOException {
    String label = MeasuredNetwork.label(precision);
    MeasuredNetwork network =
        loaded(
            label,
            () ->
                new MeasuredNetwork(
                    subject.weights(),
                    precision,
                    quantization(precision, pixels),
                    subject.batchSize(),
                    subject.inputHeight(),
                    subject.inputWidth(),
                    threads),
            MeasuredNetwork::close);
    if (network != null) {
      MeasuredNetwork.Runs runs = network.on(pixels);
      addExtents(
          label,
          precision,
          relativeError(network.logits(normalized), expected.logits()),
          runs::body,
          runs::labels,
          runs::confidence);
    }
  }

  private void addExtents(
      String label,
      Precision precision,
      double error,
      Runnable body,
      Runnable labels,
      Runnable confidence) {
    requireSmall(error, label, precision);
    parts.put(part(label, Extent.BODY, precision, error), body);
    parts.put(part(label, Extent.LABELS, precision, error), labels);
    parts.put(part(label, Extent.CONFIDENCE, precision, error), confidence);
  }

  private NetworkPart part(String label, Extent extent, Precision precision, double error) {
    return new NetworkPart(
        label, extent, precision, subject.batchSize(), subject.gigaflops(), error);
  }

  private <T> @Nullable T loaded(String name, Compilation<T> compilation, Consumer<? super T> close)
      throws IOException {
    try {
      T network = compilation.compile();
      ends.push(() -> close.accept(network));
      return network;
    } catch (EngineFailedException e) {
      LOG.warn("{} does not run here: {}", name, e.getMessage());
      return null;
    }
  }

  private static double relativeError(float[] actual, float[] expected) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = actual[i] - expected[i];
      error += difference * difference;
      norm += (double) expected[i] * expected[i];
    }
    return Math.sqrt(error / norm);
  }

  private void requireSmall(double error, String label, Precision precision) {
    double tolerance =
        switch (precision) {
          case FP32 -> FP32_TOLERANCE;
          case BF16, FP16 -> BF16_TOLERANCE;
          case INT8 -> INT8_TOLERANCE;
        };
    // Not a number is no better than too much.
    if (!(error <= tolerance)) {
      throw new BenchFailedException(
          String.format(
              Locale.ROOT,
              "%s computes %s wrongly: its logits differ by %.2g, more than %.2g",
              label,
              subject.name(),
              error,
              tolerance));
    }
  }

  private ByteBuffer pixels(int count) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(count * CHANNELS);
    while (pixels.hasRemaining()) {
      pixels.put((byte) random.nextInt());
    }
    return pixels.flip();
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
    ends.forEach(Runnable::run);
    if (blocks != null) {
      blocks.close();
    }
  }
}
