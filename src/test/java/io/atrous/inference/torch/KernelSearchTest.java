package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.torch.ScriptedProbe.Fault;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.network.ConvUnit;
import io.atrous.network.Precision;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KernelSearchTest {

  private static final NetworkSpec NETWORK =
      NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 5);
  private static final int HEIGHT = 33;
  private static final int WIDTH = 49;
  private static final Map<ConvUnit, ConvolutionShape> SHAPES =
      ConvolutionShape.of(NETWORK, 2, HEIGHT, WIDTH);

  /** Longer than any process takes to start, even on a troubled machine. */
  private static final Duration PATIENT = Duration.ofMinutes(1);

  @TempDir private Path directory;
  @TempDir private Path cache;
  private final AtomicInteger launches = new AtomicInteger();
  private long now;

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"FAIL", "FAIL_ALONE"})
  void takesTheFastestKernelThatIsOfUseInBatchesOfEverySize(Fault fault) {
    ConvolutionKernels found = search(fault, PATIENT).fastest(SHAPES);

    SHAPES.forEach(
        (unit, shape) ->
            assertThat(found.of(unit))
                .as(unit.name())
                .isEqualTo(
                    !shape.candidates().contains(ConvolutionKernel.FUSED)
                        ? ConvolutionKernel.PLAIN
                        : unit.kernel() == 3
                            ? ConvolutionKernel.FUSED_CONTIGUOUS
                            : ConvolutionKernel.FUSED));
    assertThat(launches).hasValue(1);
  }

  @Test
  void survivesAKernelThatAbortsAndTriesItTwiceAtMost() {
    ConvolutionKernels found = search(Fault.ABORT, PATIENT).fastest(SHAPES);

    assertThat(launches).hasValue(1 + KernelSearch.MAX_LOST);
    SHAPES.forEach(
        (unit, shape) -> {
          if (unit.kernel() == 3) {
            assertThat(found.of(unit))
                .as(unit.name())
                .isEqualTo(
                    shape.candidates().contains(ConvolutionKernel.FUSED)
                        ? ConvolutionKernel.FUSED_CONTIGUOUS
                        : ConvolutionKernel.PLAIN);
          }
        });
  }

  /** On a machine so slow that no process starts in time, nothing is chosen at all. */
  @Test
  void survivesAProcessThatSaysNothing() {
    ConvolutionKernels found = search(Fault.HANG, Duration.ofSeconds(2)).fastest(SHAPES);

    assertThat(SHAPES.keySet())
        .filteredOn(unit -> unit.kernel() == 3)
        .noneMatch(unit -> found.of(unit) == ConvolutionKernel.FUSED);
    assertThat(launches.get())
        .isBetween(1, 1 + KernelSearch.MAX_LOST * ConvolutionKernel.values().length);
  }

  @Test
  void leavesWhatIsNotTriedInTimePlain() {
    KernelSearch search =
        new KernelSearch(
            () -> ProbeProcess.launch(ScriptedProbe.class, List.of(Fault.FAIL.name())),
            PATIENT,
            List.of(1),
            () -> now += Duration.ofSeconds(KernelSearch.LIMIT_SECONDS / 12).toNanos());

    assertThat(search.fastest(SHAPES).chosen().size()).isBetween(1, 3);
  }

  @Test
  void findsOnlyPlainKernelsIfNoProcessStarts() {
    KernelSearch search =
        new KernelSearch(
            () -> {
              throw new IOException("no memory for a process");
            },
            PATIENT,
            List.of(1),
            () -> now);

    assertThat(search.fastest(SHAPES)).isEqualTo(ConvolutionKernels.PLAIN);
  }

  @Test
  void startsNoProcessForWhatAnEarlierSearchHasFound() {
    ConvolutionKernels found = findScripted(Fault.FAIL);
    assertThat(found).isNotEqualTo(ConvolutionKernels.PLAIN);
    assertThat(launches).hasValue(1);

    assertThat(findScripted(Fault.FAIL)).isEqualTo(found);
    assertThat(launches).hasValue(1);
  }

  @Test
  void searchesAgainAfterASearchThatHasLostAProcess() {
    findScripted(Fault.ABORT);
    assertThat(cache).isEmptyDirectory();
    launches.set(0);

    findScripted(Fault.FAIL);
    assertThat(launches).hasValue(1);
  }

  private ConvolutionKernels findScripted(Fault fault) {
    try (KernelCache files = new KernelCache(cache)) {
      return KernelSearch.find(
          new KernelCache.Key("a device", "libraries", NETWORK, Precision.FP16, 2, HEIGHT, WIDTH),
          files,
          launcher(fault),
          () -> now);
    }
  }

  /** The real process: it tries all, and finds that cuDNN's kernels don't run here. */
  @Test
  void findsOnACpuThatOnlyPlainKernelsRun() throws IOException {
    ConvolutionKernels found = find(Device.cpu(), Precision.FP32);

    assertThat(found.chosen().values())
        .doesNotContain(ConvolutionKernel.FUSED, ConvolutionKernel.FUSED_CONTIGUOUS);
    assertThat(directory).isEmptyDirectory();
    assertThat(find(Device.cpu(), Precision.FP32)).as("asked again").isSameAs(found);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  @Tag("gpu")
  void findsKernelsOnCudaThatComputeWhatThePlainOnesDo(Precision precision) throws IOException {
    Weights weights = Weights.untrained(NETWORK, 1);
    TorchScriptCompiler compiler = new TorchScriptCompiler(directory);
    ConvolutionKernels found = find(Device.gpu(0), precision);
    Device device = Device.gpu(0);

    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        TorchScriptModule plain =
            compiler.compile(
                weights, Normalization.IMAGENET, variant(Kernels.PLAIN, precision), device);
        TorchScriptModule chosen =
            compiler.compile(
                weights,
                Normalization.IMAGENET,
                variant(Kernels.CUDNN, precision),
                found,
                device)) {
      NDArray x = manager.randomNormal(new Shape(2, 3, HEIGHT, WIDTH));
      NDArray expected = plain.logits(x);
      NDArray images = manager.zeros(new Shape(2, HEIGHT, WIDTH, 3), DataType.UINT8);

      assertThat(chosen.logits(x).sub(expected).norm().getFloat() / expected.norm().getFloat())
          .isLessThan(0.05f);
      assertThat(chosen.nanPoisonedError(images)).isLessThan(0.02);
    }
  }

  private static TorchScriptVariant variant(Kernels kernels, Precision precision) {
    return new TorchScriptVariant(kernels, precision);
  }

  private ConvolutionKernels find(Device device, Precision precision) {
    EngineSettings settings =
        new EngineSettings(
            ExecutionTarget.parse(TorchScriptEngine.label(device)),
            PrecisionChoice.AUTO,
            HEIGHT,
            WIDTH,
            2,
            false,
            1,
            directory);
    return KernelSearch.find(
        NETWORK, precision, device, settings, new KernelCache(cache), () -> now);
  }

  private KernelSearch search(Fault fault, Duration answerLimit) {
    return new KernelSearch(launcher(fault), answerLimit, List.of(1), () -> now);
  }

  private KernelSearch.Launcher launcher(Fault fault) {
    return () -> {
      launches.incrementAndGet();
      return ProbeProcess.launch(ScriptedProbe.class, List.of(fault.name()));
    };
  }
}
