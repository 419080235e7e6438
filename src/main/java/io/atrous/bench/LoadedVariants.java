package io.atrous.bench;

import io.atrous.bench.NetworkBench.Subject;
import io.atrous.bench.NetworkPart.Extent;
import io.atrous.inference.EngineFailedException;
import io.atrous.inference.torch.CompiledNetwork;
import io.atrous.inference.torch.DenseConvolution;
import io.atrous.inference.torch.NetworkBlocks;
import io.atrous.inference.torch.TorchScriptVariant;
import io.atrous.network.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
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

  /** The most by which logits may differ from the blocks'; beyond, something is broken. */
  private static final double FP32_TOLERANCE = 1e-4;

  private static final double BF16_TOLERANCE = 0.05;

  private final Subject subject;
  private final Path temporaryDirectory;
  private final Deque<CompiledNetwork> networks = new ArrayDeque<>();
  private final SplittableRandom random = new SplittableRandom(1);
  private final Map<NetworkPart, Runnable> parts = new LinkedHashMap<>();
  private @Nullable NetworkBlocks blocks;

  private interface Compilation {
    CompiledNetwork compile() throws IOException;
  }

  private LoadedVariants(Subject subject, Path temporaryDirectory) {
    this.subject = subject;
    this.temporaryDirectory = temporaryDirectory;
  }

  /**
   * Loads a network's variants.
   *
   * @param temporaryDirectory the place where compiled networks lie while they are loaded
   * @throws BenchFailedException if one computes something else than the blocks
   */
  static LoadedVariants load(Subject subject, Path temporaryDirectory) throws IOException {
    LoadedVariants loaded = new LoadedVariants(subject, temporaryDirectory);
    try {
      loaded.addPeaks();
      loaded.addNetworks();
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

  private void addPeaks() throws IOException {
    for (Precision precision : PRECISIONS) {
      for (DenseConvolution convolution : DenseConvolution.FAST) {
        String name = precision.label() + " " + convolution;
        CompiledNetwork network =
            loaded(name, () -> convolution.compile(precision, temporaryDirectory));
        if (network != null) {
          int size = convolution.size();
          double gigaflops = 2e-9 * convolution.multiplyAdds();
          parts.put(
              new NetworkPart(name, Extent.PEAK, precision, 1, gigaflops, null),
              network.on(pixels(size * size), 1, size, size)::body);
        }
      }
    }
  }

  private void addNetworks() throws IOException {
    int batch = subject.batchSize();
    int height = subject.inputHeight();
    int width = subject.inputWidth();
    double gigaflops = subject.gigaflops();
    float[] normalized = normalized(batch * CHANNELS * height * width);
    NetworkBlocks expected = new NetworkBlocks(subject.weights(), normalized, batch, height, width);
    blocks = expected;
    parts.put(
        new NetworkPart("blocks fp32", Extent.LOGITS, Precision.FP32, batch, gigaflops, 0.0),
        expected::run);
    ByteBuffer pixels = pixels(batch * height * width);
    for (Precision precision : PRECISIONS) {
      for (TorchScriptVariant variant : TorchScriptVariant.onCpu(precision)) {
        CompiledNetwork network =
            loaded(
                variant.label(),
                () -> CompiledNetwork.compile(subject.weights(), variant, temporaryDirectory));
        if (network != null) {
          double error = checkedError(variant, network, expected);
          CompiledNetwork.Runs runs = network.on(pixels, batch, height, width);
          Map<Extent, Runnable> extents = new EnumMap<>(Extent.class);
          extents.put(Extent.BODY, runs::body);
          extents.put(Extent.LABELS, runs::labels);
          extents.put(Extent.CONFIDENCE, runs::confidence);
          extents.forEach(
              (extent, run) ->
                  parts.put(
                      new NetworkPart(variant.label(), extent, precision, batch, gigaflops, error),
                      run));
        }
      }
    }
  }

  private @Nullable CompiledNetwork loaded(String name, Compilation compilation)
      throws IOException {
    try {
      CompiledNetwork network = compilation.compile();
      networks.push(network);
      return network;
    } catch (EngineFailedException e) {
      LOG.warn("{} does not run here: {}", name, e.getMessage());
      return null;
    }
  }

  private double checkedError(
      TorchScriptVariant variant, CompiledNetwork network, NetworkBlocks expected) {
    double error = network.relativeError(expected);
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
    networks.forEach(CompiledNetwork::close);
    if (blocks != null) {
      blocks.close();
    }
  }
}
