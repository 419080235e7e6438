package io.atrous.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.atrous.model.NetworkSpec;
import io.atrous.network.NaiveOperations.Planes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainableNetworkTest {

  private static final int BATCH = 4;
  private static final int HEIGHT = 17;
  private static final int WIDTH = 23;

  private static NDManager manager;

  @BeforeAll
  static void start() {
    manager = Engine.getEngine("PyTorch").newBaseManager();
  }

  @AfterAll
  static void stop() {
    manager.close();
  }

  @ParameterizedTest
  @MethodSource("io.atrous.network.TinyNetworks#all")
  void computesWhatTheOperationsMean(NetworkSpec spec) {
    Map<String, float[]> weights = TinyNetworks.weights(spec, 1);
    Planes image = Planes.random(spec.inputChannels(), HEIGHT, WIDTH, new Random(2));
    NaiveOperations naive = new NaiveOperations(unit -> BatchNormFolding.fold(unit, weights::get));
    DeepLabV3Plus network = new DeepLabV3Plus(spec);

    try (TrainableNetwork trainable = TrainableNetwork.of(spec, manager, weights);
        NDManager step = manager.newSubManager()) {
      NDArray input =
          step.create(image.values(), new Shape(1, spec.inputChannels(), HEIGHT, WIDTH));
      NDArray logits = trainable.logits(input, false);
      NDArray coarse = trainable.coarseLogits(input, false);

      assertThat(logits.getShape()).isEqualTo(new Shape(1, spec.classes(), HEIGHT, WIDTH));
      assertThat(relativeError(logits, network.logits(naive, image))).isLessThan(1e-5);
      assertThat(relativeError(coarse, network.coarseLogits(naive, image))).isLessThan(1e-5);
    }
  }

  @ParameterizedTest
  @MethodSource("io.atrous.network.TinyNetworks#all")
  void givesEveryParameterAGradient(NetworkSpec spec) {
    try (TrainableNetwork trainable = network(spec);
        NDManager step = manager.newSubManager()) {
      Map<String, float[]> gradients = gradients(trainable, images(spec, step));

      assertThat(gradients.keySet())
          .containsExactlyElementsOf(
              CostModel.parametersOf(spec).stream()
                  .filter(parameter -> parameter.role().trainable())
                  .map(ParameterSpec::name)
                  .sorted()
                  .toList());
      assertThat(gradients)
          .allSatisfy((name, gradient) -> assertThat(norm(gradient)).as(name).isPositive());
    }
  }

  @ParameterizedTest
  @MethodSource("io.atrous.network.TinyNetworks#all")
  void hasTheGradientsThatFiniteDifferencesMeasure(NetworkSpec spec) {
    float nudge = 1e-3f;
    try (TrainableNetwork trainable = network(spec);
        NDManager step = manager.newSubManager()) {
      NDArray images = images(spec, step);
      Map<String, float[]> gradients = gradients(trainable, images);
      for (String name :
          List.of(
              CostModel.parametersOf(spec).get(0).name(),
              "resnet_features.layer4.0.bn2.weight",
              "global_avg_pool.1.weight",
              "bn1.bias",
              trainable.spec().decoder() == null ? "last_conv.0.bias" : "last_conv.6.bias")) {
        float[] gradient = values(gradients, name);
        int steepest = steepest(gradient);
        double measured =
            (lossWith(trainable, images, name, steepest, nudge)
                    - lossWith(trainable, images, name, steepest, -nudge))
                / (2 * nudge);

        assertThat(measured)
            .as(name)
            .isCloseTo(gradient[steepest], within(0.05 * Math.abs(gradient[steepest])));
      }
    }
  }

  @Test
  void movesRunningStatisticsATenthOfTheWayToTheBatch() {
    NetworkSpec spec = TinyNetworks.bottlenecks(16);
    Map<String, float[]> before = TinyNetworks.weights(spec, 1);
    try (TrainableNetwork trainable = TrainableNetwork.of(spec, manager, before);
        NDManager step = manager.newSubManager()) {
      NDArray images = images(spec, step);
      trainable.logits(images, true);

      float[] seen = stemOutputOfChannel(0, before, images);
      double mean = mean(seen);
      double unbiased = doubles(seen).map(v -> (v - mean) * (v - mean)).sum() / (seen.length - 1);
      Map<String, float[]> after = trainable.weights();
      assertThat((double) values(after, "resnet_features.bn1.running_mean")[0])
          .isCloseTo(
              0.9 * values(before, "resnet_features.bn1.running_mean")[0] + 0.1 * mean,
              within(1e-5));
      assertThat((double) values(after, "resnet_features.bn1.running_var")[0])
          .isCloseTo(
              0.9 * values(before, "resnet_features.bn1.running_var")[0] + 0.1 * unbiased,
              within(1e-5));
      CostModel.parametersOf(spec)
          .forEach(
              parameter ->
                  assertThat(
                          Arrays.equals(after.get(parameter.name()), before.get(parameter.name())))
                      .as(parameter.name())
                      .isEqualTo(parameter.role().trainable()));
    }
  }

  @ParameterizedTest
  @MethodSource("io.atrous.network.TinyNetworks#all")
  void answersABatchAsItAnswersItsImagesOneByOne(NetworkSpec spec) {
    try (TrainableNetwork trainable = network(spec);
        NDManager step = manager.newSubManager()) {
      NDArray images = images(spec, step);
      NDArray together = trainable.logits(images, false);

      for (int i = 0; i < BATCH; i++) {
        String one = i + ":" + (i + 1);
        NDArray alone = trainable.logits(images.get(one), false);
        float error = together.get(one).sub(alone).norm().getFloat() / alone.norm().getFloat();
        assertThat(error).as("image %d", i).isLessThan(1e-5f);
      }
    }
  }

  @Test
  void recordsAndMovesNothingInEvaluation() {
    NetworkSpec spec = TinyNetworks.bottlenecks(16);
    Map<String, float[]> before = TinyNetworks.weights(spec, 1);
    try (TrainableNetwork trainable = TrainableNetwork.of(spec, manager, before);
        NDManager step = manager.newSubManager();
        GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      assertThat(collector).isNotNull();
      NDArray logits = trainable.logits(images(spec, step), false);

      assertThat(logits.hasGradient()).isFalse();
      assertThat(trainable.weights()).containsExactlyEntriesOf(before);
    }
  }

  @Test
  void initializesConvolutionsToKeepTheVarianceOfGradients() {
    NetworkSpec spec = NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 16, 16, 64, 7);
    try (TrainableNetwork trainable = TrainableNetwork.initialize(spec, manager, 5)) {
      Map<String, float[]> weights = trainable.weights();

      float[] kernel = values(weights, "last_conv.0.weight"); // 64 × (64 + 48) × 3 × 3
      assertThat(kernel).hasSize(64 * 112 * 9);
      double deviation = Math.sqrt(doubles(kernel).map(v -> v * v).average().orElseThrow());
      assertThat(deviation).isCloseTo(Math.sqrt(2.0 / (9 * 64)), within(0.0005));
      assertThat(weights.get("last_conv.1.weight")).containsOnly(1);
      assertThat(weights.get("last_conv.1.bias")).containsOnly(0);
      assertThat(weights.get("last_conv.1.running_mean")).containsOnly(0);
      assertThat(weights.get("last_conv.1.running_var")).containsOnly(1);
      assertThat(weights.get("last_conv.6.bias")).containsOnly(0);
    }
  }

  @Test
  void initializesAlikeFromEqualSeedsOnly() {
    NetworkSpec spec = TinyNetworks.bottlenecks(16);
    try (TrainableNetwork one = TrainableNetwork.initialize(spec, manager, 1);
        TrainableNetwork same = TrainableNetwork.initialize(spec, manager, 1);
        TrainableNetwork other = TrainableNetwork.initialize(spec, manager, 2)) {
      assertThat(same.weights()).containsExactlyEntriesOf(one.weights());
      assertThat(other.weights().get("conv1.weight"))
          .isNotEqualTo(one.weights().get("conv1.weight"));
    }
  }

  @Test
  void refusesWeightsOfAnotherNetwork() {
    NetworkSpec spec = TinyNetworks.bottlenecks(16);
    Map<String, float[]> missing = TinyNetworks.weights(spec, 1);
    missing.remove("bn2.running_var");
    Map<String, float[]> extra = TinyNetworks.weights(spec, 1);
    extra.put("bn3.weight", new float[1]);
    Map<String, float[]> misshapen = TinyNetworks.weights(spec, 1);
    misshapen.put("bn2.bias", new float[3]);

    assertThatThrownBy(() -> TrainableNetwork.of(spec, manager, missing))
        .hasMessageContaining("bn2.running_var");
    assertThatThrownBy(() -> TrainableNetwork.of(spec, manager, extra))
        .hasMessageContaining("bn3.weight");
    assertThatThrownBy(() -> TrainableNetwork.of(spec, manager, misshapen))
        .hasMessage("bn2.bias has 3 numbers, not 48");
  }

  /** PyTorch throws there. */
  @Test
  void leavesThePooledBranchesNormAsInEvaluationForABatchOfOneImage() {
    NetworkSpec spec = TinyNetworks.bottlenecks(16);
    Map<String, float[]> before = TinyNetworks.weights(spec, 1);
    try (TrainableNetwork trainable = TrainableNetwork.of(spec, manager, before);
        NDManager step = manager.newSubManager()) {
      NDArray logits;
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        logits = trainable.logits(images(spec, step).get("0:1"), true);
        collector.backward(logits.sum());
      }

      assertThat(doubles(logits.toFloatArray())).allMatch(Double::isFinite);
      assertThat(moved(spec, before, trainable.weights()))
          .isNotEmpty()
          .doesNotContain("global_avg_pool.2.running_mean", "global_avg_pool.2.running_var");
      try (NDArray gradient =
          Objects.requireNonNull(trainable.parameters().get("global_avg_pool.1.weight"))
              .getGradient()) {
        assertThat(norm(gradient.toFloatArray())).isPositive();
      }
    }
  }

  @Test
  void keepsFrozenBatchNormsAsTheyAreAndTrainsTheirFactors() {
    NetworkSpec spec = TinyNetworks.bottlenecks(16);
    Map<String, float[]> before = TinyNetworks.weights(spec, 1);
    try (TrainableNetwork trainable = TrainableNetwork.of(spec, manager, before);
        NDManager step = manager.newSubManager()) {
      NDArray images = images(spec, step);
      NDArray logits;
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        logits = trainable.logits(List.of(images), new TrainingPass(true, 0)).get(0);
        collector.backward(logits.square().sum());
      }

      assertThat(relativeError(logits, trainable.logits(images, false))).isLessThan(1e-6);
      assertThat(moved(spec, before, trainable.weights())).isEmpty();
      assertThat(trainable.parameters())
          .allSatisfy(
              (name, parameter) -> {
                try (NDArray gradient = parameter.getGradient()) {
                  assertThat(norm(gradient.toFloatArray())).as(name).isPositive();
                }
              });
    }
  }

  @ParameterizedTest
  @MethodSource("io.atrous.network.TinyNetworks#all")
  void leavesOutTheSameNumbersForTheSameSeed(NetworkSpec spec) {
    TrainingPass half = new TrainingPass(true, 0.5);
    try (TrainableNetwork trainable = network(spec);
        NDManager step = manager.newSubManager()) {
      List<NDArray> images = List.of(images(spec, step));
      JniUtils.setSeed(7);
      NDArray once = trainable.logits(images, half).get(0);
      JniUtils.setSeed(7);
      NDArray again = trainable.logits(images, half).get(0);
      NDArray other = trainable.logits(images, half).get(0);
      NDArray none = trainable.logits(images, new TrainingPass(true, 0)).get(0);

      assertThat(again.toFloatArray()).isEqualTo(once.toFloatArray());
      assertThat(relativeError(other, once)).isGreaterThan(0.01);
      assertThat(relativeError(none, once)).isGreaterThan(0.01);
    }
  }

  /** Replicas share mean and variance, also where their parts differ in size and brightness. */
  @ParameterizedTest
  @MethodSource("io.atrous.network.TinyNetworks#all")
  void trainsReplicasAsOneNetworkWithTheWholeBatch(NetworkSpec spec) {
    Map<String, float[]> before = TinyNetworks.weights(spec, 1);
    try (TrainableNetwork one = TrainableNetwork.of(spec, manager, before);
        TrainableNetwork spread = TrainableNetwork.of(spec, manager, before);
        NDManager step = manager.newSubManager()) {
      NDArray images = images(spec, step);
      // Statistics of a part alone would be far from those of the whole.
      images.set(new NDIndex("0"), images.get("0").mul(5).add(3));

      NDArray expected = trained(one, List.of(images));
      NDArray parts =
          trained(spread, List.of(images.get("0:1"), images.get("1:3"), images.get("3:4")));

      assertThat(relativeError(parts, expected)).isLessThan(1e-5);
      Map<String, float[]> statistics = one.weights();
      spread
          .weights()
          .forEach(
              (name, values) ->
                  assertThat(relativeError(values, values(statistics, name)))
                      .as(name)
                      .isLessThan(1e-5));
      spread
          .parameters()
          .forEach(
              (name, parameter) -> {
                try (NDArray gradient = parameter.getGradient();
                    NDArray whole =
                        Objects.requireNonNull(one.parameters().get(name)).getGradient()) {
                  assertThat(relativeError(gradient.toFloatArray(), whole.toFloatArray()))
                      .as("gradient of %s", name)
                      .isLessThan(1e-3);
                }
              });
    }
  }

  /** The logits of all parts; gradients of a loss that looks at every logit differently. */
  private static NDArray trained(TrainableNetwork network, List<NDArray> parts) {
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      List<NDArray> each = network.logits(parts, TrainingPass.PLAIN);
      NDArray logits = each.size() == 1 ? each.get(0) : NDArrays.concat(new NDList(each), 0);
      Random random = new Random(4);
      float[] weights = new float[(int) logits.size()];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) random.nextGaussian();
      }
      collector.backward(logits.mul(logits.getManager().create(weights, logits.getShape())).sum());
      return logits;
    }
  }

  /** The tensors that are not as they were. */
  private static List<String> moved(
      NetworkSpec spec, Map<String, float[]> before, Map<String, float[]> after) {
    return CostModel.parametersOf(spec).stream()
        .map(ParameterSpec::name)
        .filter(name -> !Arrays.equals(values(before, name), values(after, name)))
        .toList();
  }

  private static double relativeError(NDArray actual, NDArray expected) {
    return relativeError(actual.toFloatArray(), expected.toFloatArray());
  }

  private static double relativeError(float[] actual, float[] expected) {
    float[] difference = actual.clone();
    for (int i = 0; i < difference.length; i++) {
      difference[i] -= expected[i];
    }
    return norm(difference) / norm(expected);
  }

  private static TrainableNetwork network(NetworkSpec spec) {
    return TrainableNetwork.of(spec, manager, TinyNetworks.weights(spec, 1));
  }

  private static NDArray images(NetworkSpec spec, NDManager step) {
    Planes all = Planes.random(BATCH * spec.inputChannels(), HEIGHT, WIDTH, new Random(3));
    return step.create(all.values(), new Shape(BATCH, spec.inputChannels(), HEIGHT, WIDTH));
  }

  /** A loss that looks at every logit differently: their sum under fixed random weights. */
  private static NDArray loss(TrainableNetwork trainable, NDArray images) {
    NDArray logits = trainable.logits(images, true);
    float[] weights = new float[(int) logits.size()];
    Random random = new Random(4);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    return logits.mul(images.getManager().create(weights, logits.getShape())).sum();
  }

  private static Map<String, float[]> gradients(TrainableNetwork trainable, NDArray images) {
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      collector.backward(loss(trainable, images));
    }
    Map<String, float[]> gradients = new TreeMap<>();
    trainable
        .parameters()
        .forEach(
            (name, parameter) -> {
              try (NDArray gradient = parameter.getGradient()) {
                gradients.put(name, gradient.toFloatArray());
              }
            });
    return gradients;
  }

  private static double lossWith(
      TrainableNetwork trainable, NDArray images, String name, int index, float nudge) {
    Map<String, float[]> nudged = trainable.weights();
    values(nudged, name)[index] += nudge;
    try (TrainableNetwork copy = TrainableNetwork.of(trainable.spec(), manager, nudged)) {
      return loss(copy, images).getFloat();
    }
  }

  /** One channel of the first convolution's output for all images. */
  private static float[] stemOutputOfChannel(
      int channel, Map<String, float[]> weights, NDArray images) {
    float[] kernel = values(weights, "resnet_features.conv1.weight");
    ConvUnit bare = new ConvUnit("stem", null, 3, 4, 7, 2, 1, false, false);
    NaiveOperations naive =
        new NaiveOperations(unit -> new FoldedConvolution(kernel, new float[4]));
    float[] pixels = images.toFloatArray();
    int imageSize = pixels.length / BATCH;
    float[][] outputs = new float[BATCH][];
    int total = 0;
    for (int i = 0; i < BATCH; i++) {
      float[] image = Arrays.copyOfRange(pixels, i * imageSize, (i + 1) * imageSize);
      float[] values = naive.convolution(bare, new Planes(3, HEIGHT, WIDTH, image)).values();
      int planeSize = values.length / 4;
      outputs[i] = Arrays.copyOfRange(values, channel * planeSize, (channel + 1) * planeSize);
      total += planeSize;
    }
    float[] all = new float[total];
    for (int i = 0; i < BATCH; i++) {
      System.arraycopy(outputs[i], 0, all, i * outputs[i].length, outputs[i].length);
    }
    return all;
  }

  private static float[] values(Map<String, float[]> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  private static int steepest(float[] gradient) {
    int steepest = 0;
    for (int i = 1; i < gradient.length; i++) {
      if (Math.abs(gradient[i]) > Math.abs(gradient[steepest])) {
        steepest = i;
      }
    }
    return steepest;
  }

  private static DoubleStream doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]);
  }

  private static double mean(float[] values) {
    return doubles(values).average().orElseThrow();
  }

  private static double norm(float[] values) {
    return Math.sqrt(doubles(values).map(v -> v * v).sum());
  }

  /** ‖actual − expected‖₂ / ‖expected‖₂. */
  private static double relativeError(NDArray actual, Planes expected) {
    return relativeError(actual.toFloatArray(), expected.values());
  }
}
