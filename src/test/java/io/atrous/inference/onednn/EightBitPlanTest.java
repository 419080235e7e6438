package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.calibration.ActivationScales;
import io.atrous.calibration.ScaleRule;
import io.atrous.model.ModelFileException;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.model.Quantization;
import io.atrous.model.Quantization.Accuracy;
import io.atrous.network.ConvUnit;
import io.atrous.network.NaiveOperations;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Precision;
import io.atrous.network.Weights;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Networks in eight bits, compared with themselves in fp32. */
class EightBitPlanTest {

  private static final int CHANNELS = 16;
  private static final int HEIGHT = 33;
  private static final int WIDTH = 50;
  private static final Accuracy UNMEASURED = new Accuracy("max", 1, 0, false, 1, 0, "none", 0);

  /** Rounding to one of 255 levels, a few layers deep. */
  private static final double MAX_ERROR = 0.03;

  /** The same, as deep as ResNet-50 and of random weights. */
  private static final double MAX_SEED_ERROR = 0.05;

  private final NetworkGraph graph = new NetworkGraph();

  @BeforeEach
  void needTheInstructions() {
    Assumptions.assumeTrue(OneDnn.isHere() && OneDnn.hasInt8(), "no products of eight bits here");
  }

  @Test
  void aConvolutionsResultIsRoundedOnce() {
    assertComputes(logits(convolution(3, true, convolution(3, true, stem())), CHANNELS));
  }

  @Test
  void aSumOverwritesItsResidualWhereNothingElseReadsIt() {
    Value pool = graph.maxPool(stem());
    Value branch = convolution(3, true, pool);
    Value projected = convolution(1, false, pool);

    assertComputes(
        logits(
            convolution(3, true, graph.addRelu(convolution(1, false, branch), projected)),
            CHANNELS));
  }

  @Test
  void aSumLeavesAResidualAloneThatIsReadLater() {
    Value residual = convolution(1, true, stem());
    Value sum = graph.addRelu(convolution(3, false, convolution(1, true, residual)), residual);
    Value later = convolution(3, true, graph.concat(List.of(sum, residual)), 2 * CHANNELS);

    assertComputes(logits(later, CHANNELS));
  }

  @Test
  void aSumLeavesAResidualAloneThatTheFusedConvolutionItselfReads() {
    Value residual = convolution(1, true, stem());
    Value sum = graph.addRelu(convolution(3, false, residual), residual);

    assertComputes(logits(convolution(3, true, sum), CHANNELS));
  }

  @Test
  void aSumThatIsReadInMoreBitsHasNotBeenRounded() {
    Value residual = convolution(1, true, stem());

    assertComputes(
        logits(
            graph.addRelu(convolution(3, false, convolution(1, true, residual)), residual),
            CHANNELS));
  }

  @Test
  void partsOfAConcatenationMayHaveScalesOfTheirOwn() {
    Value large = convolution(3, true, stem());
    Value small = convolution(1, true, large);
    Value negative = convolution(1, false, large);
    Value joined =
        graph.concat(
            List.of(
                large, small, negative, graph.resize(graph.globalAveragePool(small), small, true)));
    Value both = convolution(1, true, joined, 4 * CHANNELS);

    assertComputes(logits(graph.addRelu(convolution(3, false, small), both), CHANNELS));
  }

  @Test
  void valuesBelowZeroAreStoredWithTheirSign() {
    assertComputes(logits(convolution(3, true, convolution(3, false, stem())), CHANNELS));
  }

  @Test
  void theSeedsNetworkComputesAlmostTheSame() {
    NetworkSpec spec = NetworkSpec.deepLabV3Plus(List.of(3, 4, 6, 3), 16, 16, 32, 21);
    NetworkSource source =
        NetworkSource.of(Weights.untrained(spec, 1), Normalization.IMAGENET, null);

    assertThat(relativeError(source, 97, 129)).isLessThan(MAX_SEED_ERROR);
  }

  @Test
  void aCalibrationOfAnotherNetworkIsRefused() {
    Value output = logits(convolution(3, true, stem()), CHANNELS);
    NetworkSource source = source(output);
    Quantization sound = calibrated(source, HEIGHT, WIDTH, image(1, HEIGHT, WIDTH));

    Map<String, List<Float>> foreign = new HashMap<>(sound.weights());
    foreign.put("elsewhere", List.of(1f));
    assertRefused(source, new Quantization(sound.activations(), foreign, UNMEASURED), "elsewhere");
    Map<String, List<Float>> tooFew = new HashMap<>(sound.weights());
    tooFew.replaceAll((name, scales) -> scales.subList(1, scales.size()));
    assertRefused(source, new Quantization(sound.activations(), tooFew, UNMEASURED), "15 scales");
    assertRefused(source, new Quantization(Map.of(), sound.weights(), UNMEASURED), "no scale of");
  }

  private static void assertRefused(NetworkSource source, Quantization quantization, String why) {
    assertThatThrownBy(
            () ->
                new OneDnnNetwork(
                    source.with(quantization), Precision.INT8, List.of(1), HEIGHT, WIDTH, 1))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(why);
  }

  private Value stem() {
    return graph.convolution(
        new ConvUnit("stem", "stem.norm", 3, CHANNELS, 3, 2, 1, false, true), graph.input());
  }

  private Value convolution(int kernel, boolean relu, Value input) {
    return convolution(kernel, relu, input, CHANNELS);
  }

  private Value convolution(int kernel, boolean relu, Value input, int inChannels) {
    String name = "c" + graph.steps().size();
    return graph.convolution(
        new ConvUnit(name, name + ".norm", inChannels, CHANNELS, kernel, 1, 1, false, relu), input);
  }

  private Value logits(Value input, int channels) {
    return graph.convolution(ConvUnit.plain("classifier", channels, 5), input);
  }

  private NetworkSource source(Value output) {
    return new NetworkSource(
        graph, output, true, Normalization.IMAGENET, NaiveOperations::randomWeights, null);
  }

  private void assertComputes(Value output) {
    for (int[] size : new int[][] {{HEIGHT, WIDTH}, {20, 9}, {1, 1}}) {
      assertThat(relativeError(source(output), size[0], size[1]))
          .as("%dx%d", size[0], size[1])
          .isLessThan(MAX_ERROR);
    }
  }

  private static double relativeError(NetworkSource source, int height, int width) {
    ByteBuffer image = image(5, height, width);
    Quantization quantization = calibrated(source, height, width, image);
    float[] expected = logits(source, Precision.FP32, normalized(image), height, width);
    float[] actual =
        logits(source.with(quantization), Precision.INT8, normalized(image), height, width);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  private static Quantization calibrated(
      NetworkSource source, int height, int width, ByteBuffer image) {
    try (ObservedNetwork network = new ObservedNetwork(source, height, width, 2)) {
      ActivationScales scales = new ActivationScales(network);
      scales.add(image);
      return new Quantization(scales.chosenBy(ScaleRule.MAX), network.weightScales(), UNMEASURED);
    }
  }

  private static float[] logits(
      NetworkSource source, Precision precision, float[] image, int height, int width) {
    try (OneDnnNetwork network =
        new OneDnnNetwork(source, precision, List.of(1), height, width, 2)) {
      return network.batchWithin(1).logits(image);
    }
  }

  private static ByteBuffer image(long seed, int height, int width) {
    byte[] pixels = new byte[3 * height * width];
    new SplittableRandom(seed).nextBytes(pixels);
    return ByteBuffer.allocateDirect(pixels.length).put(0, pixels);
  }

  /** An image as the network takes it: float [3, height, width]. */
  private static float[] normalized(ByteBuffer image) {
    int pixels = image.capacity() / 3;
    float[] numbers = new float[3 * pixels];
    for (int i = 0; i < numbers.length; i++) {
      double value = (image.get(i) & 0xff) / 255.0;
      numbers[i % 3 * pixels + i / 3] =
          (float)
              ((value - Normalization.IMAGENET.mean().get(i % 3))
                  / Normalization.IMAGENET.deviation().get(i % 3));
    }
    return numbers;
  }
}
