package io.atrous.checkpoint;

import io.atrous.inference.torch.CompiledNetwork;
import io.atrous.inference.torch.TorchScriptVariant;
import io.atrous.model.ModelFileException;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Safetensors;
import io.atrous.network.CostModel;
import io.atrous.network.CostModel.Features;
import io.atrous.network.CostModel.Layer;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Images and what another implementation makes of them: a safetensors file with {@code input},
 * float [N, 3, H, W] as the network sees it, and {@code logits}, float [N, classes, H, W].
 *
 * <p><b>Threading:</b> immutable.
 */
public final class Reference {

  private static final String INPUT = "input";
  private static final String LOGITS = "logits";

  /** Half a gigabyte of numbers: a few images with many classes. */
  private static final long MAX_NUMBERS = 1 << 27;

  private final Safetensors file;
  private final NetworkSpec network;

  private Reference(Safetensors file, NetworkSpec network) {
    this.file = file;
    this.network = network;
  }

  /**
   * Opens a file.
   *
   * @param network whose reference it is to be
   * @throws ModelFileException if it is damaged, of shapes that the network doesn't have, or too
   *     small to show one of its dilations
   */
  public static Reference open(Path path, NetworkSpec network) {
    Reference reference = new Reference(Safetensors.open(path), network);
    reference.requireShapes();
    reference.requireVisibleDilations();
    return reference;
  }

  /**
   * Runs a model on the images.
   *
   * @param weights the weights of the network that the reference was opened for
   * @param directory the place where the compiled network lies while it is loaded
   * @throws IOException if it can't be written there
   */
  public Agreement agreement(Weights weights, Path directory) throws IOException {
    List<Integer> shape = file.shape(INPUT);
    int count = shape.get(0);
    int height = shape.get(2);
    int width = shape.get(3);
    int pixels = height * width;
    float[] images = values(INPUT);
    float[] logits = values(LOGITS);
    double squaredError = 0;
    double squares = 0;
    long agreeing = 0;
    try (CompiledNetwork compiled =
        CompiledNetwork.compile(weights, TorchScriptVariant.PLAIN, directory)) {
      for (int n = 0; n < count; n++) {
        float[] ours = compiled.logits(part(images, n, count), height, width);
        float[] theirs = sigmoidAsSoftmax(part(logits, n, count), ours.length);
        for (int i = 0; i < ours.length; i++) {
          double error = (double) ours[i] - theirs[i];
          squaredError += error * error;
          squares += (double) theirs[i] * theirs[i];
        }
        agreeing +=
            IntStream.range(0, pixels)
                .filter(pixel -> label(ours, pixel, pixels) == label(theirs, pixel, pixels))
                .count();
      }
    }
    return new Agreement(
        Math.sqrt(squaredError / squares), (double) agreeing / ((long) count * pixels));
  }

  private void requireShapes() {
    List<Integer> input = shape(INPUT);
    List<Integer> logits = shape(LOGITS);
    if (input.size() != 4
        || input.contains(0)
        || input.get(1) != network.inputChannels()
        || !fits(input, logits)) {
      throw refused(
          "it has input "
              + input
              + " and logits "
              + logits
              + ", not [N, "
              + network.inputChannels()
              + ", H, W] and [N, "
              + network.classes()
              + ", H, W]");
    }
    if ((long) input.get(0) * input.get(2) * input.get(3) * network.classes() > MAX_NUMBERS) {
      throw refused("its images are more than can be compared: one or two of them tell enough");
    }
  }

  /**
   * Where all taps but the middle one fall outside the features, any other dilation computes the
   * same.
   */
  private void requireVisibleDilations() {
    List<Integer> input = shape(INPUT);
    List<Layer> unseen =
        CostModel.of(network, input.get(2), input.get(3)).layers().stream()
            .filter(layer -> layer.unit().dilation() > 1)
            .filter(layer -> layer.unit().dilation() >= longerSide(layer.input()))
            .sorted(Comparator.comparingInt(layer -> layer.unit().dilation()))
            .toList();
    if (unseen.isEmpty()) {
      return;
    }
    List<Integer> dilations =
        unseen.stream().map(layer -> layer.unit().dilation()).distinct().toList();
    Layer largest = unseen.get(unseen.size() - 1);
    int side = network.outputStride() * (largest.unit().dilation() + 1);
    throw refused(
        "no outer tap of dilation"
            + (dilations.size() > 1 ? "s " : " ")
            + dilations.stream().map(String::valueOf).collect(Collectors.joining(", "))
            + " reaches into its features of "
            + largest.input().height()
            + "x"
            + largest.input().width()
            + ", so that a wrong one would agree; images of "
            + side
            + "x"
            + side
            + " would show it");
  }

  private static int longerSide(Features features) {
    return Math.max(features.height(), features.width());
  }

  private boolean fits(List<Integer> input, List<Integer> logits) {
    return Stream.of(network.classes(), logitsOfFile())
        .anyMatch(
            classes -> logits.equals(List.of(input.get(0), classes, input.get(2), input.get(3))));
  }

  /** A network of two classes may have been imported from one with one logit. */
  private int logitsOfFile() {
    return network.classes() == 2 ? 1 : network.classes();
  }

  private List<Integer> shape(String name) {
    if (!file.names().contains(name)) {
      throw refused("it has no tensor " + name);
    }
    return file.shape(name);
  }

  private float[] values(String name) {
    float[] values = file.values(name);
    boolean nonzero = false;
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw refused(name + " contains " + value);
      }
      nonzero |= value != 0;
    }
    if (!nonzero) {
      throw refused(name + " is all zeros");
    }
    return values;
  }

  private ModelFileException refused(String why) {
    return new ModelFileException("Reference " + file.origin() + " can't be used: " + why);
  }

  private static float[] part(float[] values, int index, int count) {
    int length = values.length / count;
    return Arrays.copyOfRange(values, index * length, (index + 1) * length);
  }

  /**
   * Does as {@link Source.SigmoidAsSoftmax} says: the logits of class 0 are 0 if there are none.
   */
  private static float[] sigmoidAsSoftmax(float[] logits, int length) {
    float[] all = new float[length];
    System.arraycopy(logits, 0, all, length - logits.length, logits.length);
    return all;
  }

  private static int label(float[] logits, int pixel, int pixels) {
    int label = 0;
    for (int c = 1; c * pixels + pixel < logits.length; c++) {
      if (logits[c * pixels + pixel] > logits[label * pixels + pixel]) {
        label = c;
      }
    }
    return label;
  }
}
