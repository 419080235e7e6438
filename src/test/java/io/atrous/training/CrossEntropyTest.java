package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.sun.management.ThreadMXBean;
import io.atrous.inference.torch.PyTorch;
import io.atrous.model.NetworkSpec;
import io.atrous.network.TrainableNetwork;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CrossEntropyTest {

  private static final int IGNORED = 255;

  private static NDArray labels(NDManager manager, Shape shape, byte[] labels) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(labels.length).put(0, labels);
    return manager.create(buffer, shape, DataType.UINT8);
  }

  private static byte[] bytes(int... labels) {
    byte[] bytes = new byte[labels.length];
    for (int i = 0; i < labels.length; i++) {
      bytes[i] = (byte) labels[i];
    }
    return bytes;
  }

  private static float[] gaussians(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (3 * random.nextGaussian());
    }
    return values;
  }

  /** Softmax of one pixel, in double; the pixel's logits lie a plane apart. */
  private static double[] softmax(float[] logits, int first, int plane, int classes) {
    double[] powers = new double[classes];
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      powers[c] = Math.exp(logits[first + c * plane]);
      sum += powers[c];
    }
    for (int c = 0; c < classes; c++) {
      powers[c] /= sum;
    }
    return powers;
  }

  @Test
  void isTheWeightedMeanOfLogarithmsOverPixelsThatAreNotIgnored() {
    List<Double> weights = List.of(0.5, 2.0, 1.0);
    CrossEntropy entropy = new CrossEntropy(weights);
    byte[] labels = bytes(0, 1, 2, IGNORED, 1, IGNORED, 0, 2);
    float[] logits = gaussians(2 * 3 * 4, 1);
    double expected = 0;
    double weight = 0;
    double[] slopes = new double[logits.length];
    for (int pixel = 0; pixel < labels.length; pixel++) {
      int label = labels[pixel] & 0xFF;
      if (label != IGNORED) {
        int first = pixel / 4 * 12 + pixel % 4;
        double[] probabilities = softmax(logits, first, 4, 3);
        expected -= weights.get(label) * Math.log(probabilities[label]);
        weight += weights.get(label);
        for (int c = 0; c < 3; c++) {
          slopes[first + c * 4] = weights.get(label) * (probabilities[c] - (c == label ? 1 : 0));
        }
      }
    }

    try (NDManager manager = PyTorch.engine().newBaseManager();
        GradientCollector collector = PyTorch.engine().newGradientCollector()) {
      NDArray x = manager.create(logits, new Shape(2, 3, 2, 2));
      x.setRequiresGradient(true);
      NDArray sum = entropy.sum(x, labels(manager, new Shape(2, 2, 2), labels));
      collector.backward(sum);

      assertThat(entropy.weight(labels)).isEqualTo(weight).isEqualTo(0.5 + 2 + 1 + 2 + 0.5 + 1);
      assertThat((double) sum.getFloat()).isCloseTo(expected, within(1e-5 * expected));
      float[] gradient = x.getGradient().toFloatArray();
      for (int i = 0; i < gradient.length; i++) {
        assertThat((double) gradient[i]).as("slope %d", i).isCloseTo(slopes[i], within(1e-6));
      }
    }
  }

  @Test
  void isZeroAndFlatWhereEveryPixelIsIgnored() {
    CrossEntropy entropy = new CrossEntropy(List.of(1.0, 1.0));
    byte[] labels = bytes(IGNORED, IGNORED);
    try (NDManager manager = PyTorch.engine().newBaseManager();
        GradientCollector collector = PyTorch.engine().newGradientCollector()) {
      NDArray x = manager.create(new float[] {100, -100, 3, 4}, new Shape(1, 2, 1, 2));
      x.setRequiresGradient(true);
      NDArray sum = entropy.sum(x, labels(manager, new Shape(1, 1, 2), labels));
      collector.backward(sum);

      assertThat(entropy.weight(labels)).isZero();
      assertThat(sum.getFloat()).isZero();
      assertThat(x.getGradient().toFloatArray()).containsOnly(0);
    }
  }

  @Test
  void staysFiniteForLogitsOfAnySize() {
    CrossEntropy entropy = new CrossEntropy(List.of(1.0, 1.0));
    try (NDManager manager = PyTorch.engine().newBaseManager()) {
      NDArray x = manager.create(new float[] {1e4f, -1e4f}, new Shape(1, 2, 1, 1));

      assertThat(entropy.sum(x, labels(manager, new Shape(1, 1, 1), bytes(1))).getFloat())
          .isEqualTo(2e4f);
    }
  }

  @Test
  void refusesLabelsThatAreNoClass() {
    CrossEntropy entropy = new CrossEntropy(List.of(1.0, 1.0));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> entropy.weight(bytes(0, 2)))
        .withMessage("label 2 is none of 2 classes, which are numbered from 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> entropy.weight(bytes(254)))
        .withMessageContaining("label 254");
  }

  @Test
  void refusesWeightsBelowZero() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CrossEntropy(List.of(1.0, -0.5)))
        .withMessage("class 1 can't have the weight -0.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CrossEntropy(List.of(Double.NaN)))
        .withMessageContaining("NaN");
  }

  /** A dense target would take 4 bytes for each of 150 classes. */
  @Test
  void takesNoPlanePerClassOnTheHeap() {
    int classes = 150;
    int side = 64;
    CrossEntropy entropy = new CrossEntropy(Collections.nCopies(classes, 1.0));
    byte[] labels = new byte[2 * side * side];
    new Random(1).nextBytes(labels);
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) ((labels[i] & 0xFF) % classes);
    }
    try (NDManager manager = PyTorch.engine().newBaseManager()) {
      NDArray logits = manager.zeros(new Shape(2, classes, side, side));
      ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      step(entropy, logits, labels);
      long before = thread.getCurrentThreadAllocatedBytes();

      double loss = step(entropy, logits, labels);

      assertThat(thread.getCurrentThreadAllocatedBytes() - before).isLessThan(16L * labels.length);
      assertThat(loss).isCloseTo(Math.log(classes), within(1e-5));
    }
  }

  private static double step(CrossEntropy entropy, NDArray logits, byte[] labels) {
    try (NDManager scope = logits.getManager().newSubManager()) {
      NDArray x = logits.duplicate();
      x.attach(scope);
      Shape shape = logits.getShape();
      NDArray sum =
          entropy.sum(
              x, labels(scope, new Shape(shape.get(0), shape.get(2), shape.get(3)), labels));
      return sum.getFloat() / entropy.weight(labels);
    }
  }

  /** In single precision: a nudge of 1e-3 measures a slope to some percent. */
  @Test
  void givesANetworkTheGradientsThatFiniteDifferencesMeasure() {
    float nudge = 1e-3f;
    NetworkSpec spec = NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 5);
    CrossEntropy entropy = new CrossEntropy(List.of(1.0, 0.2, 3.0, 1.0, 1.0));
    byte[] labels = new byte[4 * 17 * 23];
    Random random = new Random(5);
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) (random.nextInt(6) == 5 ? IGNORED : random.nextInt(5));
    }
    float[] pixels = gaussians(4 * 3 * 17 * 23, 6);
    try (NDManager manager = PyTorch.engine().newBaseManager();
        TrainableNetwork network = TrainableNetwork.initialize(spec, manager, 7)) {
      try (GradientCollector collector = PyTorch.engine().newGradientCollector()) {
        collector.backward(loss(network, manager, entropy, pixels, labels));
      }
      for (String name :
          List.of(
              "resnet_features.conv1.weight",
              "resnet_features.layer4.0.bn2.weight",
              "aspp2.atrous_convolution.weight",
              "last_conv.0.weight",
              "last_conv.6.bias")) {
        float[] gradient =
            Objects.requireNonNull(network.parameters().get(name)).getGradient().toFloatArray();
        int steepest = steepest(gradient);
        double measured =
            (nudged(network, manager, entropy, pixels, labels, name, steepest, nudge)
                    - nudged(network, manager, entropy, pixels, labels, name, steepest, -nudge))
                / (2 * nudge);

        assertThat(measured)
            .as(name)
            .isCloseTo(gradient[steepest], within(0.05 * Math.abs(gradient[steepest])));
      }
    }
  }

  private static NDArray loss(
      TrainableNetwork network,
      NDManager manager,
      CrossEntropy entropy,
      float[] pixels,
      byte[] labels) {
    NDArray logits = network.logits(manager.create(pixels, new Shape(4, 3, 17, 23)), true);
    return entropy
        .sum(logits, labels(manager, new Shape(4, 17, 23), labels))
        .div((float) entropy.weight(labels));
  }

  private static double nudged(
      TrainableNetwork network,
      NDManager manager,
      CrossEntropy entropy,
      float[] pixels,
      byte[] labels,
      String name,
      int index,
      float nudge) {
    Map<String, float[]> weights = network.weights();
    Objects.requireNonNull(weights.get(name))[index] += nudge;
    try (TrainableNetwork copy = TrainableNetwork.of(network.spec(), manager, weights)) {
      return loss(copy, manager, entropy, pixels, labels).getFloat();
    }
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
}
