package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import io.atrous.model.NetworkSpec;
import io.atrous.network.ConvUnit;
import io.atrous.network.NaiveOperations;
import io.atrous.network.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConvolutionTrialTest {

  /** The clock goes by a microsecond each time it is asked: the time of {@code RUNS} runs. */
  private static final long NANOS_PER_LOOK = 1000;

  private static final long NANOS = NANOS_PER_LOOK / 20;

  /** Dilated, strided, with residuals, of one pixel: as networks have them. */
  private static final Set<ConvolutionShape> SHAPES =
      new LinkedHashSet<>(
          ConvolutionShape.of(
                  NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 5), 2, 33, 49)
              .values());

  @TempDir private Path directory;
  private TorchScriptCompiler compiler;
  private long now;

  @BeforeEach
  void makeCompiler() throws IOException {
    compiler = new TorchScriptCompiler(directory);
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "BF16"})
  void timesPlainKernelsInEitherLayoutAndFindsThemToAgree(Precision precision) throws IOException {
    for (ConvolutionShape shape : SHAPES) {
      for (ConvolutionKernel kernel :
          List.of(ConvolutionKernel.PLAIN, ConvolutionKernel.PLAIN_CONTIGUOUS)) {
        assertThat(nanos(shape, kernel, precision, Device.cpu()))
            .as("%s %s", kernel, shape)
            .isEqualTo(NANOS);
      }
    }
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @EnumSource(
      value = ConvolutionKernel.class,
      names = {"FUSED", "FUSED_CONTIGUOUS"})
  void findsThatACpuDoesNotRunFusedKernels(ConvolutionKernel kernel) {
    for (ConvolutionShape shape : SHAPES) {
      if (shape.candidates().contains(kernel)) {
        assertThatThrownBy(() -> nanos(shape, kernel, Precision.FP32, Device.cpu()))
            .isInstanceOf(EngineException.class)
            .hasMessageContaining("aten::cudnn_convolution_");
      }
    }
  }

  /**
   * PyTorch takes a convolution for interleaved if its image or its weights have such strides, even
   * where they mean nothing.
   */
  @Test
  void contiguousKernelsLeaveNoInterleavedStridesNotEvenOnePixelWide() throws IOException {
    TorchScriptText code = new TorchScriptText();
    code.beginClass(List.of("w0", "b0"), List.of());
    code.method("prepare", "");
    code.line("    return self.b0");
    code.method("strides", ", x: Tensor");
    code.line("    y = " + TorchScriptText.contiguous("self.w0"));
    code.line("    return torch.zeros([torch.stride(y, 0), torch.stride(y, 1),");
    code.line("      torch.stride(y, 2), torch.stride(y, 3)])");
    ConvUnit unit = ConvUnit.plain("pointwise", 3, 2);

    try (TorchScriptModule module =
            compiler.compile(
                new TorchScriptProgram(code.toString(), List.of(), List.of(unit)),
                NaiveOperations::randomWeights,
                Precision.FP32,
                Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        IValue x = IValue.from((PtNDArray) manager.zeros(new Shape(1)));
        IValue strides = module.call("strides", x)) {
      NDArray asShape = strides.toTensor(((PtNDArray) manager.zeros(new Shape(1))).getManager());

      assertThat(asShape.getShape()).isEqualTo(new Shape(3, 1, 1, 1));
    }
  }

  /** Whichever run: on a CUDA device all of them should, but cuDNN need not know each shape. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  @Tag("gpu")
  void someFusedKernelAgreesWithThePlainOneOnCuda(Precision precision) throws IOException {
    int agreeing = 0;
    for (ConvolutionShape shape : SHAPES) {
      for (ConvolutionKernel kernel : shape.candidates()) {
        try {
          nanos(shape, kernel, precision, Device.gpu(0));
          agreeing += kernel.fused() ? 1 : 0;
        } catch (EngineException e) {
          assertThat(kernel.fused()).as("%s %s: %s", kernel, shape, e.getMessage()).isTrue();
        }
      }
    }
    assertThat(agreeing).isPositive();
  }

  private long nanos(
      ConvolutionShape shape, ConvolutionKernel kernel, Precision precision, Device device)
      throws IOException {
    return ConvolutionTrial.nanos(
        shape, kernel, precision, compiler, device, () -> now += NANOS_PER_LOOK);
  }
}
