package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atrous.inference.torch.PyTorch;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.Safetensors;
import io.atrous.network.HashedWeights;
import io.atrous.network.TrainableNetwork;
import io.atrous.network.TrainingPass;
import io.atrous.training.OptimizerSettings.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Five steps on the seed's network go where PyTorch's own code goes: falling rate, momentum, weight
 * decay, two groups, accumulation of two, class weights, ignored pixels, batch norms on the move.
 * How the fixture was made is told in {@code optimizer-steps.md} beside it.
 */
class OptimizerParityTest {

  private static final int STEPS = 5;
  private static final int ACCUMULATE = 2;
  private static final int BATCH = 4;
  private static final int HEIGHT = 33;
  private static final int WIDTH = 41;
  private static final int PLANE = HEIGHT * WIDTH;
  private static final int CLASSES = 21;
  private static final NetworkSpec SPEC =
      NetworkSpec.deepLabV3Plus(List.of(1, 2, 3, 3), 4, 16, 16, CLASSES)
          .withDecoder(new DecoderSpec(3, 16, 2));

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of("sgd", 0.01, new OptimizerSettings(Rule.SGD, 5e-4, 0.9, false)),
        Arguments.of("nesterov", 0.01, new OptimizerSettings(Rule.SGD, 5e-4, 0.9, true)),
        Arguments.of("adamw", 0.001, new OptimizerSettings(Rule.ADAMW, 0.01, 0, false)));
  }

  private static Safetensors fixture() throws IOException {
    try (InputStream in =
        OptimizerParityTest.class.getResourceAsStream("optimizer-steps.safetensors")) {
      return Safetensors.parse(
          "optimizer-steps.safetensors",
          ByteBuffer.wrap(Objects.requireNonNull(in).readAllBytes()));
    }
  }

  /** The rule of {@code labels_of} in the Python script. */
  private static byte[] labels(int count) {
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      int hash = i;
      hash = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
      hash = (hash ^ (hash >>> 13)) * 0xC2B2AE35;
      int label = Integer.remainderUnsigned(hash ^ (hash >>> 16), CLASSES + 5);
      labels[i] = (byte) (label < CLASSES ? label : 255);
    }
    return labels;
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Batch(float[] pixels, byte[] labels, double weight) implements MicroBatch {
    @Override
    public List<Shard> shards(NDManager scope) {
      return List.of(
          new Shard(
              scope.create(pixels, new Shape(BATCH, 3, HEIGHT, WIDTH)),
              scope.create(
                  ByteBuffer.wrap(labels), new Shape(BATCH, HEIGHT, WIDTH), DataType.UINT8)));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void goesWherePyTorchGoes(String rule, double rate, OptimizerSettings settings)
      throws IOException {
    List<Double> weights = IntStream.range(0, CLASSES).mapToObj(c -> 1 + c % 3 * 0.5).toList();
    CrossEntropy loss = new CrossEntropy(weights);
    int images = STEPS * ACCUMULATE * BATCH;
    float[] pixels = HashedWeights.image(List.of(images, 3, HEIGHT, WIDTH));
    byte[] labels = labels(images * PLANE);
    PolynomialSchedule schedule = new PolynomialSchedule(rate, 0.9, 0, 10);
    Map<String, float[]> start = HashedWeights.of(SPEC).tensors();
    Safetensors expected = fixture();
    float[] losses = expected.values(rule + ".losses");

    try (NDManager manager = PyTorch.engine().newBaseManager();
        TrainableNetwork network = TrainableNetwork.of(SPEC, manager, start);
        Optimizer optimizer = settings.optimizer(manager)) {
      TrainingStep step =
          new TrainingStep(
              network, loss, optimizer, TrainingPass.PLAIN, new PhaseClock(System::nanoTime));
      for (int number = 0; number < STEPS; number++) {
        List<Batch> batches = new ArrayList<>();
        for (int micro = 0; micro < ACCUMULATE; micro++) {
          int first = (number * ACCUMULATE + micro) * BATCH;
          byte[] truth = Arrays.copyOfRange(labels, first * PLANE, (first + BATCH) * PLANE);
          batches.add(
              new Batch(
                  Arrays.copyOfRange(pixels, first * 3 * PLANE, (first + BATCH) * 3 * PLANE),
                  truth,
                  loss.weight(truth)));
        }

        double value =
            step.take(
                batches,
                schedule.rates(schedule.rate(number, (double) number / STEPS)),
                0,
                manager);

        assertThat(value).as("loss of step %d", number).isCloseTo(losses[number], within(2e-5));
      }
      assertThat(distance(rule, expected, start, network.weights())).isLessThan(1e-3);
    }
  }

  /** Of all that moved at the fixture's places: ‖moved − expected‖₂ / ‖expected‖₂. */
  private static double distance(
      String rule, Safetensors fixture, Map<String, float[]> start, Map<String, float[]> end) {
    double difference = 0;
    double all = 0;
    for (Map.Entry<String, float[]> tensor : end.entrySet()) {
      float[] expected = fixture.values(rule + "." + tensor.getKey());
      float[] before = Objects.requireNonNull(start.get(tensor.getKey()));
      for (int i = 0; i < expected.length; i++) {
        int at = (int) ((long) i * (before.length - 1) / (expected.length - 1));
        double moved = (double) expected[i] - before[at];
        difference += Math.pow(tensor.getValue()[at] - (double) expected[i], 2);
        all += moved * moved;
      }
    }
    return Math.sqrt(difference / all);
  }
}
