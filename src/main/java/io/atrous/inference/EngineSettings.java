package io.atrous.inference;

import java.nio.file.Path;

/**
 * How a model is to run.
 *
 * @param target where
 * @param precision what the network's body computes in
 * @param inputHeight pixels down of every image: the model's own unless overridden
 * @param inputWidth pixels across of every image
 * @param maxBatchSize the most images per call
 * @param confidence whether masks come with a confidence map
 * @param threads the number of cores that a call may use on a CPU, for the whole process
 * @param temporaryDirectory where the compiled network lies while it is loaded
 * @param kernelSearch whether a CUDA device's kernel is searched for each convolution at start
 */
public record EngineSettings(
    ExecutionTarget target,
    PrecisionChoice precision,
    int inputHeight,
    int inputWidth,
    int maxBatchSize,
    boolean confidence,
    int threads,
    Path temporaryDirectory,
    boolean kernelSearch) {

  /** Settings without a search for kernels. */
  public EngineSettings(
      ExecutionTarget target,
      PrecisionChoice precision,
      int inputHeight,
      int inputWidth,
      int maxBatchSize,
      boolean confidence,
      int threads,
      Path temporaryDirectory) {
    this(
        target,
        precision,
        inputHeight,
        inputWidth,
        maxBatchSize,
        confidence,
        threads,
        temporaryDirectory,
        false);
  }

  public EngineSettings {
    requirePositive("input height", inputHeight);
    requirePositive("input width", inputWidth);
    requirePositive("maximum batch size", maxBatchSize);
    requirePositive("number of threads", threads);
    // A batch lies in one buffer.
    long bytes = (long) inputHeight * inputWidth * 3 * maxBatchSize;
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a batch of %d images of %dx%d pixels is too large: lower the maximum batch size"
              .formatted(maxBatchSize, inputWidth, inputHeight));
    }
  }

  /** The same for one device. */
  EngineSettings on(ExecutionTarget device) {
    return with(device, precision);
  }

  /** The same for an engine that computes as another does. */
  EngineSettings like(EngineProfile other) {
    return with(target, precision.like(other));
  }

  private EngineSettings with(ExecutionTarget target, PrecisionChoice precision) {
    return new EngineSettings(
        target,
        precision,
        inputHeight,
        inputWidth,
        maxBatchSize,
        confidence,
        threads,
        temporaryDirectory,
        kernelSearch);
  }

  private static void requirePositive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be positive, not " + value);
    }
  }
}
