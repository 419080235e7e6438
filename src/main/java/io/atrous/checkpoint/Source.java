package io.atrous.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Where a tensor of the network comes from in a checkpoint. What is done on the way is exact, or
 * rounded once.
 *
 * <p>Convolution weights are float [outChannels, inChannels, height, width], row-major.
 */
sealed interface Source {

  /** The tensors that the checkpoint must have: shapes by name. */
  Map<String, List<Integer>> needs();

  /**
   * The tensor's numbers.
   *
   * @param stored gives the numbers of one of the {@link #needs}, in an array of its own
   */
  float[] values(Function<String, float[]> stored);

  /** Takes a tensor unchanged. */
  record Stored(String name, List<Integer> shape) implements Source {
    @Override
    public Map<String, List<Integer>> needs() {
      return Map.of(name, shape);
    }

    @Override
    public float[] values(Function<String, float[]> stored) {
      return stored.apply(name);
    }
  }

  /**
   * A convolution of each channel, then a 1×1 convolution, with nothing between: one dense
   * convolution.
   *
   * @param shape the shape of the dense weight
   */
  record Separable(String depthwise, String pointwise, List<Integer> shape) implements Source {
    @Override
    public Map<String, List<Integer>> needs() {
      return Map.of(
          depthwise,
          List.of(shape.get(1), 1, shape.get(2), shape.get(3)),
          pointwise,
          List.of(shape.get(0), shape.get(1), 1, 1));
    }

    @Override
    public float[] values(Function<String, float[]> stored) {
      float[] each = stored.apply(depthwise);
      float[] mix = stored.apply(pointwise);
      int kernel = shape.get(2) * shape.get(3);
      float[] dense = new float[mix.length * kernel];
      for (int i = 0; i < dense.length; i++) {
        int pair = i / kernel;
        dense[i] = mix[pair] * each[pair % shape.get(1) * kernel + i % kernel];
      }
      return dense;
    }
  }

  /**
   * A convolution whose input was concatenated in another order.
   *
   * @param of gives the weight with the file's order of input channels
   * @param leading the number of input channels that stand first there, and last in the network
   * @param shape the shape of the weight
   */
  record Rotated(Source of, int leading, List<Integer> shape) implements Source {
    @Override
    public Map<String, List<Integer>> needs() {
      return of.needs();
    }

    @Override
    public float[] values(Function<String, float[]> stored) {
      float[] theirs = of.values(stored);
      float[] ours = new float[theirs.length];
      int row = theirs.length / shape.get(0);
      int led = leading * shape.get(2) * shape.get(3);
      for (int begin = 0; begin < theirs.length; begin += row) {
        System.arraycopy(theirs, begin + led, ours, begin, row - led);
        System.arraycopy(theirs, begin, ours, begin + row - led, led);
      }
      return ours;
    }
  }

  /**
   * The classifier of a network with one logit, to which the sigmoid belongs, as one with two: the
   * softmax over 0 and the logit is the sigmoid.
   */
  record SigmoidAsSoftmax(Stored of) implements Source {
    @Override
    public Map<String, List<Integer>> needs() {
      return of.needs();
    }

    @Override
    public float[] values(Function<String, float[]> stored) {
      float[] one = of.values(stored);
      float[] two = new float[2 * one.length];
      System.arraycopy(one, 0, two, one.length, one.length);
      return two;
    }
  }
}
