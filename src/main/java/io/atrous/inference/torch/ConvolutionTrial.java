package io.atrous.inference.torch;

import static io.atrous.inference.torch.TorchScriptProgram.biasAttribute;
import static io.atrous.inference.torch.TorchScriptProgram.weightAttribute;
import static io.atrous.inference.torch.TorchScriptText.asWeights;
import static io.atrous.inference.torch.TorchScriptText.channelsLast;
import static io.atrous.inference.torch.TorchScriptText.contiguous;
import static io.atrous.inference.torch.TorchScriptText.fp32;
import static io.atrous.inference.torch.TorchScriptText.relativeError;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import io.atrous.network.ConvUnit;
import io.atrous.network.CostModel.Features;
import io.atrous.network.FoldedConvolution;
import io.atrous.network.Initialization;
import io.atrous.network.Precision;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * One convolution alone, on random numbers: whether a kernel runs, computes what the plain one
 * does, and how long it takes.
 *
 * <p><b>Threading:</b> confined to one call of {@link #nanos}.
 */
final class ConvolutionTrial {

  /**
   * What results may differ by, as ‖a − b‖₂ / ‖b‖₂: fused kernels round once, plain ones at each
   * step, and cuDNN's algorithms sum in orders of their own.
   */
  private static final double TOLERANCE = 0.002;

  private static final double HALF_TOLERANCE = 0.02;

  private static final int ROUNDS = 5;
  private static final int RUNS = 20;

  /** At least as many blocks of memory as a run needs, copies between layouts included. */
  private static final int SPOILT_BLOCKS = 8;

  private final ConvolutionShape shape;
  private final TorchScriptModule module;
  private final NDManager manager;

  private ConvolutionTrial(ConvolutionShape shape, TorchScriptModule module, NDManager manager) {
    this.shape = shape;
    this.module = module;
    this.manager = manager;
  }

  /**
   * Tries a kernel.
   *
   * @return nanoseconds of a run, the best of several
   * @throws IOException if the temporary file can't be written
   * @throws EngineException if the kernel does not run here, or computes something else than the
   *     plain one
   */
  static long nanos(
      ConvolutionShape shape,
      ConvolutionKernel kernel,
      Precision precision,
      TorchScriptCompiler compiler,
      Device device,
      LongSupplier nanoTime)
      throws IOException {
    try (TorchScriptModule module =
            compiler.compile(
                program(shape, kernel), ConvolutionTrial::randomNumbers, precision, device);
        NDManager manager = PyTorch.engine().newBaseManager(device)) {
      return new ConvolutionTrial(shape, module, manager)
          .nanos(precision == Precision.FP32 ? TOLERANCE : HALF_TOLERANCE, nanoTime);
    }
  }

  private long nanos(double tolerance, LongSupplier nanoTime) {
    try (IValue x = interleaved(shape.input());
        IValue residual = interleaved(shape.output());
        IValue once = IValue.from(1L);
        IValue often = IValue.from((long) RUNS)) {
      // cuDNN chooses an algorithm now, and runs others on the same memory: that comes first.
      try (IValue y = module.call("run", x, residual, once)) {
        poisonFreeMemory(y);
      }
      try (IValue y = module.call("run", x, residual, once);
          IValue expected = module.call("plain", x, residual)) {
        float error = module.number("error", y, expected);
        // Not a number is no better than too much.
        if (!(error <= tolerance)) {
          throw new EngineException(
              String.format(Locale.ROOT, "differs by %.2g from the plain kernel", error));
        }
      }
      long best = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        long startNanos = nanoTime.getAsLong();
        try (IValue y = module.call("run", x, residual, often)) {
          // To read a number is to wait for the device.
          module.number("first", y);
        }
        best = Math.min(best, (nanoTime.getAsLong() - startNanos) / RUNS);
      }
      return best;
    }
  }

  /** Leaves NaN in what the next results of a size are written to. */
  private void poisonFreeMemory(IValue result) {
    List<IValue> blocks = new ArrayList<>();
    try {
      for (int i = 0; i < SPOILT_BLOCKS; i++) {
        blocks.add(module.call("nan_poisoned", result));
      }
    } finally {
      blocks.forEach(IValue::close);
    }
  }

  private IValue interleaved(Features features) {
    Shape images =
        new Shape(shape.batchSize(), features.channels(), features.height(), features.width());
    try (NDArray numbers = manager.randomNormal(0, 1, images, DataType.FLOAT32);
        IValue argument = IValue.from((PtNDArray) numbers)) {
      return module.call("interleaved", argument);
    }
  }

  private static TorchScriptProgram program(ConvolutionShape shape, ConvolutionKernel kernel) {
    String weight = "self." + weightAttribute(0);
    TorchScriptText code = new TorchScriptText();
    code.beginClass(List.of(weightAttribute(0), biasAttribute(0)), List.of());
    code.method("prepare", "");
    if (kernel.contiguous()) {
      code.line("    " + weight + " = " + contiguous(weight));
    }
    code.line("    return " + weight);
    code.method("interleaved", ", x: Tensor");
    code.line("    return " + channelsLast(asWeights("x")));
    code.method("plain", ", x: Tensor, residual: Tensor");
    code.line("    return " + call(shape, ConvolutionKernel.PLAIN));
    code.method("run", ", x: Tensor, residual: Tensor, times: int");
    code.line("    y = x");
    code.line("    for i in range(times):");
    code.line("      y = " + call(shape, kernel));
    code.line("    return y");
    code.method("nan_poisoned", ", y: Tensor");
    code.line("    return torch.full_like(y, nan)");
    code.method("error", ", y: Tensor, expected: Tensor");
    code.line("    return " + relativeError("y", "expected"));
    code.method("first", ", y: Tensor");
    code.line("    return " + fp32("torch.as_strided(y, [1], [1])"));
    return new TorchScriptProgram(code.toString(), List.of(), List.of(shape.unit()));
  }

  private static String call(ConvolutionShape shape, ConvolutionKernel kernel) {
    String weight = "self." + weightAttribute(0);
    String bias = "self." + biasAttribute(0);
    return shape.residual()
        ? kernel.callWithResidual(shape.unit(), "x", weight, bias, "residual")
        : kernel.call(shape.unit(), "x", weight, bias);
  }

  private static FoldedConvolution randomNumbers(ConvUnit unit) {
    SplittableRandom random = new SplittableRandom(1);
    float[] bias = new float[unit.outChannels()];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = (float) random.nextGaussian();
    }
    return new FoldedConvolution(new Initialization(1).values(unit.parameters().get(0)), bias);
  }
}
