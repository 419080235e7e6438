package io.atrous.bench;

import io.atrous.inference.EngineChoice;
import io.atrous.inference.torch.PyTorch;
import io.atrous.model.Quantization;
import io.atrous.network.CostModel;
import io.atrous.network.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs networks on a CPU in every way there is, side by side: as the blocks they are trained in,
 * compiled to TorchScript with each kind of kernels, and on oneDNN itself, in fp32 and bf16, there
 * also in int8. In the same rounds run the dense convolutions that say what the machine has to
 * give.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class NetworkBench {

  private final EngineChoice engine;
  private final int threads;
  private final Rounds rounds;
  private final Path temporaryDirectory;
  private final LongSupplier nanoTime;

  /**
   * A network and what it is run on.
   *
   * @param name the name of the network
   * @param quantization the scales by which it computes in eight bits; null to calibrate it on what
   *     it is run on
   * @param inputHeight pixels down of every image
   * @param inputWidth pixels across of every image
   * @param batchSize images per call
   */
  public record Subject(
      String name,
      Weights weights,
      @Nullable Quantization quantization,
      int inputHeight,
      int inputWidth,
      int batchSize) {

    String label() {
      return "%s %dx%d batch %d".formatted(name, inputHeight, inputWidth, batchSize);
    }

    /** Returns the billions of floating-point operations of the convolutions in a batch. */
    double gigaflops() {
      CostModel cost = CostModel.of(weights.network(), inputHeight, inputWidth);
      return 2e-9 * cost.multiplyAdds() * batchSize;
    }
  }

  /**
   * A bench.
   *
   * @param engine the runtime that is measured; all for {@link EngineChoice#AUTO}
   * @param threads cores to compute on
   * @param mostRounds the most times that each subject is run
   * @param enoughNanos the time after which no further round begins for a subject
   * @param temporaryDirectory the place where compiled networks lie while they are loaded
   * @param nanoTime a clock
   */
  public NetworkBench(
      EngineChoice engine,
      int threads,
      int mostRounds,
      long enoughNanos,
      Path temporaryDirectory,
      LongSupplier nanoTime) {
    this.engine = engine;
    this.threads = threads;
    this.rounds = new Rounds(mostRounds, enoughNanos);
    this.temporaryDirectory = temporaryDirectory;
    this.nanoTime = nanoTime;
  }

  /** Describes the machine in a line. */
  public String machine() {
    return Machine.describe(threads, PyTorch.version());
  }

  /**
   * Measures a network.
   *
   * @throws BenchFailedException if a variant computes something else than the blocks
   * @throws io.atrous.model.ModelFileException if the weights are damaged
   */
  public NetworkComparison compare(Subject subject, BenchProgress progress) {
    progress.at(0, subject.label() + ": compiling");
    PyTorch.useThreads(threads);
    try (LoadedVariants variants =
        LoadedVariants.load(subject, engine, threads, temporaryDirectory)) {
      Map<NetworkPart, Rounds.Times> times =
          rounds.run(variants.parts(), nanoTime, done -> progress.at(done, subject.label()));
      return new NetworkComparison(subject.label(), times);
    } catch (IOException e) {
      throw new UncheckedIOException("can't write a compiled network", e);
    }
  }
}
