package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.model.Normalization;
import io.atrous.network.ConvUnit;
import io.atrous.network.NaiveOperations;
import io.atrous.network.NaiveOperations.Planes;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Convolution;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Precision;
import io.atrous.network.RelativeError;
import io.atrous.network.SampleGraph;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TorchScriptEmitterTest {

  private static final String IN_PLACE = "_convolution_pointwise_(";

  @TempDir private Path directory;
  private final NetworkGraph graph = new NetworkGraph();
  private final SampleGraph sample = new SampleGraph(graph);
  private final Random random = new Random(20261123);

  @ParameterizedTest
  @EnumSource(Kernels.class)
  void computesEveryOperationAsItsMeaningSays(Kernels kernels) throws IOException {
    Value output = sample.everyOperation();

    assertComputes(kernels, output, 33, 41);
    assertComputes(kernels, output, 20, 9);
  }

  @Test
  void addsIntoTheResidualsMemoryWhereNothingReadsItLater() throws IOException {
    Value residual = graph.maxPool(sample.convolution(3, 1, true, sample.stem()));
    Value sum = sample.residualBlock(residual);
    Value output = sample.logits(sum, SampleGraph.WIDTH);

    assertThat(emit(Kernels.ONEDNN, output).code()).contains(IN_PLACE);
    assertComputes(Kernels.ONEDNN, output, 17, 18);
  }

  @Test
  void leavesAResidualAloneThatIsReadLater() throws IOException {
    Value residual = graph.maxPool(sample.convolution(3, 1, true, sample.stem()));
    Value sum = sample.residualBlock(residual);
    Value output = sample.logits(graph.concat(List.of(sum, residual)), 2 * SampleGraph.WIDTH);

    assertThat(emit(Kernels.ONEDNN, output).code()).doesNotContain(IN_PLACE).contains("\"add\"");
    assertComputes(Kernels.ONEDNN, output, 17, 18);
    assertComputes(Kernels.PLAIN, output, 17, 18);
  }

  @Test
  void leavesAResidualAloneThatTheFusedConvolutionItselfReads() throws IOException {
    Value residual = sample.stem();
    Value sum = graph.addRelu(sample.convolution(3, 1, false, residual), residual);
    Value output = sample.logits(sum, SampleGraph.WIDTH);

    assertThat(emit(Kernels.ONEDNN, output).code()).doesNotContain(IN_PLACE).contains("\"add\"");
    assertComputes(Kernels.ONEDNN, output, 17, 18);
  }

  /** See {@link TorchScriptEmitter}: oneDNN has been seen to fail there, if rarely. */
  @Test
  void leavesAConvolutionOfASinglePixelToPyTorch() throws IOException {
    Value features = sample.stem();
    Value pooled = sample.convolution(1, 1, true, graph.globalAveragePool(features));
    Value image = graph.resize(sample.convolution(1, 1, true, pooled), features, true);
    Value output = sample.logits(graph.concat(List.of(features, image)), 2 * SampleGraph.WIDTH);

    assertThat(emit(Kernels.ONEDNN, output).code().lines())
        .filteredOn(line -> line.contains("torch.conv2d"))
        .hasSize(2);
    assertComputes(Kernels.ONEDNN, output, 17, 18);
  }

  @Test
  void leavesALowLevelFeatureAloneThatIsReadOnlyAfterTheWholeBackbone() throws IOException {
    Value lowLevel = graph.addRelu(sample.convolution(3, 1, false, sample.stem()), sample.stem());
    Value high = lowLevel;
    for (int i = 0; i < 3; i++) {
      high =
          graph.addRelu(
              sample.convolution(3, 1, false, sample.convolution(1, 1, true, high)), high);
    }
    Value output = sample.logits(graph.concat(List.of(high, lowLevel)), 2 * SampleGraph.WIDTH);

    assertComputes(Kernels.ONEDNN, output, 17, 18);
    assertComputes(Kernels.PLAIN, output, 17, 18);
  }

  /** Graphs in which anything may be read again anywhere, themselves and earlier sums included. */
  @ParameterizedTest
  @EnumSource(Kernels.class)
  void computesRandomGraphsRightWhateverReadsWhatAndWhen(Kernels kernels) throws IOException {
    for (int run = 0; run < 40; run++) {
      NetworkGraph any = new NetworkGraph();
      Value output = randomGraph(any);

      assertComputes(any, kernels, output, 7 + random.nextInt(8), 7 + random.nextInt(8));
    }
  }

  @Test
  void takesResidualAndReluIntoCudnnsKernelsWhereTheyWereChosen() throws IOException {
    Value residual = graph.maxPool(sample.convolution(3, 1, true, sample.stem()));
    Value sum =
        graph.addRelu(
            sample.convolution(3, 2, false, sample.convolution(1, 1, true, residual)), residual);
    Value output = sample.logits(sum, SampleGraph.WIDTH);

    String code = emit(Kernels.CUDNN, output, fusedWherePossible()).code();

    assertThat(code)
        .contains(
            // Stride, padding, dilation: oneDNN's order is another.
            "v1 = torch.cudnn_convolution_relu(v0, self.w0, self.b0, [2, 2], [1, 1], [1, 1], 1)",
            "v6 = torch.cudnn_convolution_add_relu(v4, self.w3, v3, 1., self.b3,"
                + " [1, 1], [2, 2], [2, 2], 1)",
            "v7 = torch.conv2d(v6, ")
        .doesNotContain("v5 = ");
    assertThat(emit(Kernels.CUDNN, output).code()).doesNotContain("cudnn");
    assertThat(emit(Kernels.PLAIN, output, fusedWherePossible()).code()).doesNotContain("cudnn");
  }

  /** cuDNN 8 has been seen to compute garbage if its input is the residual too. */
  @Test
  void leavesAResidualToAKernelOfItsOwnIfTheConvolutionReadsIt() throws IOException {
    Value residual = sample.stem();
    Value output =
        sample.logits(
            graph.addRelu(sample.convolution(3, 1, false, residual), residual), SampleGraph.WIDTH);

    ConvolutionKernels fused =
        kernels(
            graph,
            unit -> unit.relu() ? ConvolutionKernel.FUSED : ConvolutionKernel.PLAIN_CONTIGUOUS);

    assertThat(emit(Kernels.CUDNN, output, fused).code())
        .contains("cudnn_convolution_relu(")
        .doesNotContain("cudnn_convolution_add_relu(");
  }

  @Test
  void refusesAFusedKernelWhereNoReluFollows() {
    Value output = sample.logits(sample.stem(), SampleGraph.WIDTH);

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> emit(Kernels.CUDNN, output, kernels(graph, unit -> ConvolutionKernel.FUSED)))
        .withMessage("classifier ends in no ReLU, which FUSED adds");
  }

  /** So the calls are what libtorch declares, though only a CUDA device runs them. */
  @Test
  void emitsFusedKernelsThatACpuLoadsAndDoesNotRun() throws IOException {
    Value residual = graph.maxPool(sample.convolution(3, 1, true, sample.stem()));
    Value sum =
        graph.addRelu(
            sample.convolution(3, 2, false, sample.convolution(1, 1, true, residual)), residual);
    Value output = sample.logits(sum, SampleGraph.WIDTH);

    try (TorchScriptModule module =
            new TorchScriptCompiler(directory)
                .compile(
                    graph,
                    output,
                    true,
                    Normalization.IMAGENET,
                    NaiveOperations::randomWeights,
                    new TorchScriptVariant(Kernels.CUDNN, Precision.FP32),
                    fusedWherePossible(),
                    Device.cpu());
        NDManager manager = cpu()) {
      NDArray x = manager.zeros(new Shape(1, 3, 17, 18));

      assertThatThrownBy(() -> module.logits(x))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("aten::cudnn_convolution_relu");
    }
  }

  @Test
  void computesTheSameAmongNanWhateverReadsWhatAndWhen() throws IOException {
    for (int run = 0; run < 40; run++) {
      NetworkGraph any = new NetworkGraph();
      Value output = randomGraph(any);
      int height = 7 + random.nextInt(8);
      byte[] pixels = new byte[2 * height * 9 * 3];
      random.nextBytes(pixels);

      try (TorchScriptModule module = compile(any, Kernels.CUDNN, output, true);
          NDManager manager = cpu()) {
        NDArray images = bytes(manager, pixels, new Shape(2, height, 9, 3));

        assertThat(module.nanPoisonedError(images)).isZero();
      }
    }
  }

  @Test
  void leavesNanInTheMemoryOfWhatIsNotReadAgain() throws IOException {
    Value first = sample.stem();
    Value second = sample.convolution(3, 1, true, first);
    Value third = sample.convolution(3, 1, false, second);
    Value output = sample.logits(graph.addRelu(third, first), SampleGraph.WIDTH);

    assertThat(emit(Kernels.CUDNN, output, fusedWherePossible()).code().lines())
        .filteredOn(line -> line.contains("fill_"))
        .containsExactly(
            "    nan_poisoned = torch.add(nan_poisoned, torch.dim(torch.fill_(v1, nan)))",
            "    nan_poisoned = torch.add(nan_poisoned, torch.dim(torch.fill_(v2, nan)))",
            "    nan_poisoned = torch.add(nan_poisoned, torch.dim(torch.fill_(v4, nan)))");
  }

  /** It drops what has no effect that it sees; what can't be filled shows that it does not. */
  @Test
  void libtorchFillsItThoughNothingReadsIt() throws IOException {
    TorchScriptProgram program =
        emit(Kernels.CUDNN, sample.logits(sample.stem(), SampleGraph.WIDTH));
    TorchScriptProgram failing =
        new TorchScriptProgram(
            program.code().replace("torch.fill_(v1, nan)", "torch.fill_(v1, torch.ones([3]))"),
            program.constants(),
            program.convolutions());

    try (TorchScriptModule module =
            new TorchScriptCompiler(directory)
                .compile(failing, NaiveOperations::randomWeights, Precision.FP32, Device.cpu());
        NDManager manager = cpu()) {
      NDArray images = manager.zeros(new Shape(1, 9, 9, 3), DataType.UINT8);

      assertThatThrownBy(() -> module.nanPoisonedError(images)).hasMessageContaining("fill_ only");
    }
  }

  private Value randomGraph(NetworkGraph any) {
    List<Value> alike = new ArrayList<>();
    alike.add(
        any.convolution(
            new ConvUnit("stem", null, 3, SampleGraph.WIDTH, 3, 2, 1, false, random.nextBoolean()),
            any.input()));
    for (int i = 0; i < 12; i++) {
      Value a = alike.get(random.nextInt(alike.size()));
      Value b = alike.get(random.nextInt(alike.size()));
      alike.add(
          switch (random.nextInt(8)) {
            case 0 -> any.resize(any.globalAveragePool(a), b, random.nextBoolean());
            case 1 -> any.resize(a, b, random.nextBoolean());
            case 2 ->
                any.convolution(
                    new ConvUnit(
                        "join" + i,
                        null,
                        2 * SampleGraph.WIDTH,
                        SampleGraph.WIDTH,
                        1,
                        1,
                        1,
                        true,
                        true),
                    any.concat(List.of(a, b)));
            case 3, 4, 5 -> any.addRelu(a, b);
            default ->
                any.convolution(
                    new ConvUnit(
                        "c" + i,
                        null,
                        SampleGraph.WIDTH,
                        SampleGraph.WIDTH,
                        1 + 2 * random.nextInt(2),
                        1,
                        1 + random.nextInt(2),
                        true,
                        random.nextInt(3) == 0),
                    a);
          });
    }
    return new SampleGraph(any).logits(alike.get(alike.size() - 1), SampleGraph.WIDTH);
  }

  private ConvolutionKernels fusedWherePossible() {
    return kernels(
        graph,
        unit ->
            unit.name().equals("classifier") ? ConvolutionKernel.PLAIN : ConvolutionKernel.FUSED);
  }

  @ParameterizedTest
  @EnumSource(Kernels.class)
  void labelsEachPixelWithTheWinningClassOfTheNormalizedImage(Kernels kernels) throws IOException {
    Value output = sample.logits(sample.convolution(3, 1, true, sample.stem()), SampleGraph.WIDTH);
    int height = 19;
    int width = 26;
    byte[] pixels = new byte[2 * height * width * 3];
    random.nextBytes(pixels);

    try (TorchScriptModule module = compile(graph, kernels, output, true);
        NDManager manager = cpu()) {
      NDArray images = bytes(manager, pixels, new Shape(2, height, width, 3));
      NDArray labels = manager.zeros(new Shape(2, height, width), DataType.UINT8);
      NDArray sameLabels = labels.duplicate();
      NDArray confidence = labels.duplicate();
      module.segment(images, labels, null);
      module.segment(images, sameLabels, confidence);

      assertThat(sameLabels.toByteArray()).isEqualTo(labels.toByteArray());
      for (int n = 0; n < 2; n++) {
        int image = n;
        Planes normalized =
            Planes.of(
                3,
                height,
                width,
                (c, y, x) ->
                    (float)
                        (((pixels[((image * height + y) * width + x) * 3 + c] & 0xFF) / 255.0
                                - Normalization.IMAGENET.mean().get(c))
                            / Normalization.IMAGENET.deviation().get(c)));
        assertWinners(
            expected(graph, output, true, normalized),
            labels.get(n).toByteArray(),
            confidence.get(n).toByteArray());
      }
    }
  }

  /**
   * The pixels are chosen so that {@code segment} normalizes them exactly, hence gives the body
   * what {@code logits} gives it.
   */
  @ParameterizedTest
  @MethodSource("variants")
  void upsamplesAndDecidesInFp32WhateverTheBodyComputesIn(TorchScriptVariant variant)
      throws IOException {
    Value output = sample.logits(sample.convolution(3, 1, true, sample.stem()), SampleGraph.WIDTH);
    Normalization sixteenths =
        new Normalization(List.of(0.0, 0.0, 0.0), Collections.nCopies(3, 16 / 255.0));
    int height = 19;
    int width = 26;
    byte[] pixels = new byte[height * width * 3];
    random.nextBytes(pixels);
    Planes image =
        Planes.of(3, height, width, (c, y, x) -> (pixels[(y * width + x) * 3 + c] & 0xFF) / 16f);

    try (TorchScriptModule module =
            Variants.onThisMachine(() -> compile(graph, variant, sixteenths, output, true));
        NDManager manager = cpu()) {
      Planes logits =
          new Planes(
              5,
              height,
              width,
              module
                  .logits(manager.create(image.values(), new Shape(1, 3, height, width)))
                  .toFloatArray());
      NDArray labels = manager.zeros(new Shape(1, height, width), DataType.UINT8);
      NDArray confidence = labels.duplicate();
      module.segment(bytes(manager, pixels, new Shape(1, height, width, 3)), labels, confidence);

      assertWinners(logits, labels.toByteArray(), confidence.toByteArray());
      assertThat(RelativeError.of(logits.values(), expected(graph, output, true, image).values()))
          .isLessThan(variant.precision() == Precision.FP32 ? 1e-5 : 0.02);
      // Interpolated in half the bits, none would have more.
      assertThat(
              IntStream.range(0, logits.values().length)
                  .filter(i -> (Float.floatToIntBits(logits.values()[i]) & 0x1FFF) != 0)
                  .count())
          .isGreaterThan(logits.values().length / 2);
    }
  }

  private static List<TorchScriptVariant> variants() {
    return Variants.all();
  }

  private static void assertWinners(Planes logits, byte[] labels, byte[] confidence) {
    int pixels = logits.height() * logits.width();
    for (int p = 0; p < pixels; p++) {
      double highest = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < logits.channels(); c++) {
        highest = Math.max(highest, logits.values()[c * pixels + p]);
      }
      double sum = 0;
      for (int c = 0; c < logits.channels(); c++) {
        sum += Math.exp(logits.values()[c * pixels + p] - highest);
      }
      // A tie may go either way.
      assertThat((double) logits.values()[labels[p] * pixels + p]).isCloseTo(highest, offset(1e-4));
      assertThat((confidence[p] & 0xFF) / 255.0).isCloseTo(1 / sum, offset(0.5 / 255 + 1e-4));
    }
  }

  private TorchScriptProgram emit(Kernels kernels, Value output) {
    return emit(kernels, output, ConvolutionKernels.PLAIN);
  }

  private TorchScriptProgram emit(Kernels kernels, Value output, ConvolutionKernels chosen) {
    return TorchScriptEmitter.emit(graph, output, true, Normalization.IMAGENET, kernels, chosen);
  }

  private void assertComputes(Kernels kernels, Value output, int height, int width)
      throws IOException {
    assertComputes(graph, kernels, output, height, width);
  }

  private void assertComputes(
      NetworkGraph network, Kernels kernels, Value output, int height, int width)
      throws IOException {
    Planes image = Planes.random(3, height, width, random);
    for (boolean alignCorners : new boolean[] {true, false}) {
      try (TorchScriptModule module = compile(network, kernels, output, alignCorners);
          NDManager manager = cpu()) {
        NDArray x = manager.create(image.values(), new Shape(1, 3, height, width));

        assertThat(
                RelativeError.of(
                    module.logits(x).toFloatArray(),
                    expected(network, output, alignCorners, image).values()))
            .as("relative L2 error")
            .isLessThan(1e-5);
      }
    }
  }

  private static Planes expected(
      NetworkGraph network, Value output, boolean alignCorners, Planes image) {
    NaiveOperations naive = new NaiveOperations(NaiveOperations::randomWeights);
    return naive.resize(naive.evaluate(network, output, image), image, alignCorners);
  }

  private TorchScriptModule compile(
      NetworkGraph network, Kernels kernels, Value output, boolean alignCorners)
      throws IOException {
    return compile(
        network,
        new TorchScriptVariant(kernels, Precision.FP32),
        Normalization.IMAGENET,
        output,
        alignCorners);
  }

  private TorchScriptModule compile(
      NetworkGraph network,
      TorchScriptVariant variant,
      Normalization normalization,
      Value output,
      boolean alignCorners)
      throws IOException {
    return new TorchScriptCompiler(directory)
        .compile(
            network,
            output,
            alignCorners,
            normalization,
            NaiveOperations::randomWeights,
            variant,
            anyPlainKernels(network),
            Device.cpu());
  }

  /** In one layout or the other, each as it comes: for those variants that let choose. */
  private ConvolutionKernels anyPlainKernels(NetworkGraph network) {
    List<ConvolutionKernel> plain =
        List.of(ConvolutionKernel.PLAIN, ConvolutionKernel.PLAIN_CONTIGUOUS);
    return kernels(network, unit -> plain.get(random.nextInt(2)));
  }

  private static ConvolutionKernels kernels(
      NetworkGraph network, Function<ConvUnit, ConvolutionKernel> choice) {
    return new ConvolutionKernels(
        network.steps().stream()
            .flatMap(
                step ->
                    step instanceof Convolution convolution
                        ? Stream.of(convolution.unit())
                        : Stream.empty())
            .distinct()
            .collect(Collectors.toMap(Function.identity(), choice)));
  }

  private static NDManager cpu() {
    return NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  private static NDArray bytes(NDManager manager, byte[] values, Shape shape) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(values.length);
    buffer.put(0, values);
    return manager.create(buffer, shape, DataType.UINT8);
  }
}
