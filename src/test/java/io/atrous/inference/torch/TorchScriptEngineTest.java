package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.atrous.batching.Arrival;
import io.atrous.batching.BatchPolicy;
import io.atrous.inference.EngineFailedException;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.InferenceMetrics;
import io.atrous.inference.LaneEngines;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.Segmenter;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.StorageType;
import io.atrous.model.TorchScriptFile;
import io.atrous.network.ConvUnit;
import io.atrous.network.Precision;
import io.atrous.network.RandomModels;
import io.atrous.network.Weights;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchScriptEngineTest {

  private static final int HEIGHT = 37;
  private static final int WIDTH = 50;
  private static final NetworkSpec NETWORK =
      NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 5);

  private static final TorchScriptVariant PLAIN =
      new TorchScriptVariant(Kernels.PLAIN, Precision.FP32);

  @TempDir private Path models;
  @TempDir private Path temporary;
  private ModelFile model;
  private final Random random = new Random(7);
  private final AtomicLong now = new AtomicLong();

  @BeforeEach
  void writeModel() throws IOException {
    model = RandomModels.write(models, NETWORK, HEIGHT, WIDTH, 1);
  }

  @Test
  void leavesNothingInItsTemporaryDirectoryAndRemovesWhatACrashLeft() throws IOException {
    Files.createFile(temporary.resolve("atrous-network-99.pt"));

    try (TorchScriptEngine engine = start(settings(1, false))) {
      assertThat(engine.profile().maxBatchSize()).isEqualTo(1);
      assertThat(temporary).isEmptyDirectory();
    }
  }

  @Test
  void keepsNoArrayBetweenCalls() {
    List<ByteBuffer> images = images(2);
    try (TorchScriptEngine engine = start(settings(2, true))) {
      for (int i = 0; i < 300; i++) {
        engine.segment(images);
      }
      assertThat(engine.liveArrays()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = PrecisionChoice.class,
      names = {"FP32", "BF16"})
  void computesInThePrecisionThatIsAskedFor(PrecisionChoice precision) throws IOException {
    TorchScriptCompiler compiler = new TorchScriptCompiler(temporary);
    Weights weights = Weights.of(model);
    Set<TorchScriptVariant> tried = new HashSet<>();

    try (TorchScriptEngine engine =
        TorchScriptEngine.start(
            (variant, device) -> {
              tried.add(variant);
              return compiler.compile(weights, Normalization.IMAGENET, variant, device);
            },
            settings(precision),
            now::incrementAndGet)) {

      assertThat(engine.profile().precision()).isEqualTo(precision.key());
      assertThat(engine.segment(images(1))).hasSize(1);
    }
    assertThat(tried)
        .extracting(TorchScriptVariant::kernels)
        .containsExactlyInAnyOrder(Kernels.PLAIN, Kernels.ONEDNN);
  }

  @Test
  void saysThatTheDeviceDoesNotComputeInAPrecision() {
    assertThatThrownBy(
            () ->
                TorchScriptEngine.start(
                    (variant, device) -> {
                      throw new EngineException("not implemented for 'Half'");
                    },
                    settings(PrecisionChoice.FP16),
                    now::incrementAndGet))
        .isInstanceOf(EngineFailedException.class)
        .hasMessage("not implemented for 'Half'");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void triesCudnnsKernelsOnlyIfTheyMayBeSearchedFor(boolean kernelSearch) {
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cuda(0),
            PrecisionChoice.FP16,
            HEIGHT,
            WIDTH,
            1,
            false,
            1,
            temporary,
            kernelSearch,
            EngineSettings.DEFAULT_INT8_MAX_LOSS);

    assertThat(TorchScriptEngine.variants(settings, Device.gpu(0)))
        .extracting(TorchScriptVariant::kernels)
        .containsExactlyElementsOf(
            kernelSearch ? List.of(Kernels.PLAIN, Kernels.CUDNN) : List.of(Kernels.PLAIN));
  }

  @Test
  void leavesOutAVariantThatDoesNotRunHere() throws IOException {
    TorchScriptCompiler compiler = new TorchScriptCompiler(temporary);
    Weights weights = Weights.of(model);

    try (TorchScriptEngine engine =
        TorchScriptEngine.start(
            (variant, device) -> {
              if (variant.kernels() == Kernels.ONEDNN) {
                throw new EngineException("Unknown builtin op: mkldnn::_convolution_pointwise");
              }
              return compiler.compile(weights, Normalization.IMAGENET, variant, device);
            },
            settings(1, false),
            now::incrementAndGet)) {

      assertThat(engine.segment(images(1))).hasSize(1);
    }
  }

  @Test
  void takesKernelsOfManyKindsIfFreeMemoryMakesNoDifferenceToThem() throws IOException {
    List<ByteBuffer> images = images(3);
    try (TorchScriptEngine plain = start(settings(3, false));
        TorchScriptEngine chosen = withChosenKernels(model)) {
      List<EngineMask> expected = plain.segment(images);
      List<EngineMask> masks = chosen.segment(images);
      for (int i = 0; i < 3; i++) {
        assertThat(masks.get(i).labels()).isEqualTo(expected.get(i).labels());
      }
      assertThat(chosen.liveArrays()).isZero();
    }
  }

  @Test
  void takesNoneWhoseLogitsAreNoNumbers() throws IOException {
    Map<String, Tensor> tensors = RandomModels.tensors(NETWORK, 1);
    for (String name : List.of("last_conv.0.weight", "last_conv.3.weight")) {
      Tensor tensor = Objects.requireNonNull(tensors.get(name));
      float[] values = tensor.values().clone();
      for (int i = 0; i < values.length; i++) {
        values[i] *= 1e30f;
      }
      tensors.put(name, new Tensor(tensor.shape(), values));
    }
    Path file = models.resolve("overflowing.safetensors");
    ModelFile.write(file, model.spec(), model.network(), tensors, StorageType.F32);
    ModelFile overflowing = ModelFile.open(file);

    assertThatThrownBy(() -> withChosenKernels(overflowing))
        .isInstanceOf(EngineFailedException.class)
        .hasMessage("among NaN in free memory the logits of 1 images differ by NaN");
  }

  /** On a CPU, which has plain kernels to choose from, in one layout or the other. */
  private TorchScriptEngine withChosenKernels(ModelFile file) throws IOException {
    TorchScriptCompiler compiler = new TorchScriptCompiler(temporary);
    Weights weights = Weights.of(file);
    Map<ConvUnit, ConvolutionKernel> contiguous =
        ConvolutionShape.of(NETWORK, 1, HEIGHT, WIDTH).keySet().stream()
            .filter(unit -> unit.kernel() == 3)
            .collect(Collectors.toMap(unit -> unit, unit -> ConvolutionKernel.PLAIN_CONTIGUOUS));
    return TorchScriptEngine.compiled(
        (variant, device) ->
            compiler.compile(
                weights,
                Normalization.IMAGENET,
                variant,
                new ConvolutionKernels(contiguous),
                device),
        new TorchScriptVariant(Kernels.CUDNN, Precision.FP32),
        Device.cpu(),
        settings(3, false));
  }

  @Test
  void failsToStartIfNoVariantRuns() {
    assertThatThrownBy(
            () ->
                TorchScriptEngine.start(
                    (variant, device) -> {
                      throw new EngineException("no memory");
                    },
                    settings(1, false),
                    now::incrementAndGet))
        .isInstanceOf(EngineFailedException.class)
        .hasRootCauseMessage("no memory");
  }

  @Test
  void aDamagedModelFailsTheStartWithItsOwnSentenceAndLeavesNoFile() throws IOException {
    Map<String, Tensor> tensors = RandomModels.tensors(NETWORK, 1);
    tensors.put("bn2.bias", new Tensor(List.of(48), nan(48)));
    Path damaged = models.resolve("damaged.safetensors");
    ModelFile.write(damaged, model.spec(), model.network(), tensors, StorageType.F32);
    ModelFile file = ModelFile.open(damaged);

    assertThatThrownBy(
            () -> TorchScriptEngine.start(file, settings(1, false), now::incrementAndGet))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("damaged.safetensors")
        .hasMessageContaining("bn2.bias");
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void servesATorchScriptFileAsTheNetworkThatItCameFrom() throws IOException {
    List<ByteBuffer> images = images(3);
    TorchScriptFile file = portable();
    TorchScriptCompiler compiler = new TorchScriptCompiler(temporary);
    Weights weights = Weights.of(model);
    try (TorchScriptEngine theirs =
            TorchScriptEngine.start(file, settings(3, true), now::incrementAndGet);
        TorchScriptEngine ours =
            TorchScriptEngine.start(
                (variant, device) ->
                    compiler.compile(weights, Normalization.IMAGENET, PLAIN, device),
                settings(3, true),
                now::incrementAndGet)) {
      assertThat(theirs.profile())
          .isEqualTo(new EngineProfile("cpu", "as saved", HEIGHT, WIDTH, 3));
      List<EngineMask> expected = ours.segment(images);
      List<EngineMask> actual = theirs.segment(images);
      for (int i = 0; i < 3; i++) {
        assertThat(actual.get(i).labels()).isEqualTo(expected.get(i).labels());
        assertThat(actual.get(i).confidence()).isEqualTo(expected.get(i).confidence());
      }
      assertThat(theirs.liveArrays()).isZero();
    }
  }

  @Test
  void leavesATorchScriptFilesPrecisionToIt() throws IOException {
    TorchScriptFile file = portable();

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TorchScriptEngine.start(file, settings(PrecisionChoice.BF16), now::incrementAndGet))
        .withMessageContaining("computes in what it was saved in: choose auto, not bf16");
  }

  /** The model as somebody else's program, with its specification. */
  private TorchScriptFile portable() throws IOException {
    Path file = models.resolve("theirs.pt");
    try (OutputStream out = Files.newOutputStream(file)) {
      TorchScriptCompiler.write(Weights.of(model), Normalization.IMAGENET, PLAIN, Map.of(), out);
    }
    String classes =
        model.spec().classes().classes().stream()
            .map(c -> "{\"name\": \"%s\", \"rgb\": \"#%06x\"}".formatted(c.name(), c.rgb()))
            .collect(Collectors.joining(", "));
    Files.writeString(
        TorchScriptFile.specificationOf(file),
        """
        {"formatVersion": 1,
         "model": {"name": "theirs", "version": "1", "classes": [%s],
                   "inputHeight": %d, "inputWidth": %d,
                   "normalization": {"mean": [0.485, 0.456, 0.406],
                                     "deviation": [0.229, 0.224, 0.225]},
                   "resizePolicy": "FIT"},
         "program": {"layout": "NCHW", "channels": "RGB", "alignCorners": true}}
        """
            .formatted(classes, HEIGHT, WIDTH));
    return TorchScriptFile.open(file);
  }

  @Test
  void refusesACudaDeviceThatIsNotHere() {
    EngineSettings there = settings(new ExecutionTarget.Cuda(99), 1, false);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> start(there))
        .withMessageStartingWith("there is no cuda:99: PyTorch sees ");
  }

  @Test
  void refusesATemporaryDirectoryThatIsNotThere() {
    Path nowhere = temporary.resolve("nowhere");
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(), PrecisionChoice.AUTO, HEIGHT, WIDTH, 1, false, 1, nowhere);

    assertThatThrownBy(() -> start(settings)).hasMessageContaining(nowhere.toString());
  }

  @Test
  void saysThatFp32OnCudaMayBeTf32UnlessThatIsSwitchedOff() {
    EngineProfile fp32 = new EngineProfile("cuda:0", "fp32", HEIGHT, WIDTH, 1);
    EngineProfile fp16 = new EngineProfile("cuda:0", "fp16", HEIGHT, WIDTH, 1);
    EngineProfile cpu = new EngineProfile("cpu", "fp32", HEIGHT, WIDTH, 1);

    assertThat(TorchScriptEngine.mayBeTf32(fp32, null)).isTrue();
    assertThat(TorchScriptEngine.mayBeTf32(fp32, "1")).isTrue();
    assertThat(TorchScriptEngine.mayBeTf32(fp32, "0")).isFalse();
    assertThat(TorchScriptEngine.mayBeTf32(fp16, null)).isFalse();
    assertThat(TorchScriptEngine.mayBeTf32(cpu, null)).isFalse();
  }

  /** Of each size, those that are filled up included, so that stale images or masks would show. */
  @ParameterizedTest
  @EnumSource(PrecisionChoice.class)
  @Tag("gpu")
  void labelsBatchesOfEverySizeOnCudaAsOnTheCpu(PrecisionChoice precision) {
    int largest = 6;
    try (TorchScriptEngine cpu = start(settings(largest, true));
        TorchScriptEngine cuda = start(onCuda(precision, largest))) {
      for (int size = 1; size <= largest; size++) {
        List<ByteBuffer> images = images(size);

        assertAlmostAlike(cuda.segment(images), cpu.segment(images));
      }
    }
  }

  @Test
  @Tag("gpu")
  void labelsOnTwoLanesOfOneCudaDeviceAsOnTheCpu() {
    List<ByteBuffer> images = images(40);
    LaneEngines engines =
        LaneEngines.of(
            model, onCuda(PrecisionChoice.AUTO, 4), new TorchScriptBackend(now::incrementAndGet));
    try (TorchScriptEngine cpu = start(settings(1, true));
        Segmenter segmenter =
            Segmenter.start(
                new BatchPolicy(4, Duration.ZERO, 40),
                engines.count(),
                engines::startNext,
                InferenceMetrics.unread(now::incrementAndGet))) {
      var masks = images.stream().map(image -> segmenter.segment(image, Arrival.at(0))).toList();

      for (int i = 0; i < images.size(); i++) {
        assertAlmostAlike(List.of(masks.get(i).join().mask()), cpu.segment(List.of(images.get(i))));
      }
      assertThat(segmenter.lanes()).isEqualTo(2);
    }
  }

  @Test
  @Tag("gpu")
  void keepsNoArrayOnCudaBetweenCalls() {
    try (TorchScriptEngine cuda = start(onCuda(PrecisionChoice.AUTO, 2))) {
      cuda.segment(images(2));

      assertThat(cuda.liveArrays()).isZero();
    }
  }

  /** Random weights leave many pixels between two classes: up to 2 % may tip. */
  private static void assertAlmostAlike(List<EngineMask> actual, List<EngineMask> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    int differing = 0;
    for (int i = 0; i < expected.size(); i++) {
      for (int p = 0; p < HEIGHT * WIDTH; p++) {
        differing += expected.get(i).labels()[p] == actual.get(i).labels()[p] ? 0 : 1;
      }
    }
    assertThat(differing).isLessThan(expected.size() * HEIGHT * WIDTH / 50);
  }

  private EngineSettings onCuda(PrecisionChoice precision, int maxBatchSize) {
    return new EngineSettings(
        new ExecutionTarget.Cuda(0), precision, HEIGHT, WIDTH, maxBatchSize, true, 1, temporary);
  }

  private TorchScriptEngine start(Model model, EngineSettings settings) {
    return TorchScriptEngine.start(model, settings, now::incrementAndGet);
  }

  private TorchScriptEngine start(EngineSettings settings) {
    return start(model, settings);
  }

  private EngineSettings settings(int maxBatchSize, boolean confidence) {
    return settings(new ExecutionTarget.Cpu(), maxBatchSize, confidence);
  }

  private EngineSettings settings(ExecutionTarget target, int maxBatchSize, boolean confidence) {
    return new EngineSettings(
        target, PrecisionChoice.AUTO, HEIGHT, WIDTH, maxBatchSize, confidence, 1, temporary);
  }

  private EngineSettings settings(PrecisionChoice precision) {
    return new EngineSettings(
        new ExecutionTarget.Cpu(), precision, HEIGHT, WIDTH, 1, false, 1, temporary);
  }

  private List<ByteBuffer> images(int count) {
    List<ByteBuffer> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] pixels = new byte[HEIGHT * WIDTH * 3];
      random.nextBytes(pixels);
      images.add(ByteBuffer.allocateDirect(pixels.length).put(0, pixels));
    }
    return images;
  }

  private static float[] nan(int length) {
    float[] values = new float[length];
    values[length - 1] = Float.NaN;
    return values;
  }
}
