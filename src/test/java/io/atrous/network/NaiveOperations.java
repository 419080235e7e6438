package io.atrous.network;

import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** What each operation means, in plain loops over one image: the oracle of the backends. */
public final class NaiveOperations implements Operations<NaiveOperations.Planes> {

  /** float [channels, height, width], row-major. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Planes(int channels, int height, int width, float[] values) {

    public float at(int c, int y, int x) {
      boolean inside = y >= 0 && y < height && x >= 0 && x < width;
      return inside ? values[(c * height + y) * width + x] : 0;
    }

    public static Planes random(int channels, int height, int width, Random random) {
      return of(channels, height, width, (c, y, x) -> (float) random.nextGaussian());
    }

    public static Planes of(int channels, int height, int width, Pixel pixel) {
      float[] values = new float[channels * height * width];
      int i = 0;
      for (int c = 0; c < channels; c++) {
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            values[i++] = pixel.at(c, y, x);
          }
        }
      }
      return new Planes(channels, height, width, values);
    }
  }

  public interface Pixel {
    float at(int c, int y, int x);
  }

  private final Function<ConvUnit, FoldedConvolution> weights;

  public NaiveOperations(Function<ConvUnit, FoldedConvolution> weights) {
    this.weights = weights;
  }

  /** Weights that depend on the unit's name alone, of a size that keeps activations near one. */
  public static FoldedConvolution randomWeights(ConvUnit unit) {
    Random random = new Random(unit.name().hashCode());
    int fanIn = unit.inChannels() * unit.kernel() * unit.kernel();
    float[] weight = new float[unit.outChannels() * fanIn];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / fanIn));
    }
    float[] bias = new float[unit.outChannels()];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = (float) random.nextGaussian() / 4;
    }
    return new FoldedConvolution(weight, bias);
  }

  /** Evaluates a graph's value for an image. */
  public Planes evaluate(NetworkGraph graph, NetworkGraph.Value value, Planes image) {
    Planes[] results = new Planes[graph.steps().size()];
    results[0] = image;
    Function<NetworkGraph.Value, Planes> of = v -> results[v.index()];
    for (int i = 1; i <= value.index(); i++) {
      NetworkGraph.Step step = graph.steps().get(i);
      if (step instanceof NetworkGraph.Convolution s) {
        results[i] = convolution(s.unit(), of.apply(s.input()));
      } else if (step instanceof NetworkGraph.AddRelu s) {
        results[i] = addRelu(of.apply(s.input()), of.apply(s.residual()));
      } else if (step instanceof NetworkGraph.MaxPool s) {
        results[i] = maxPool(of.apply(s.input()));
      } else if (step instanceof NetworkGraph.GlobalAveragePool s) {
        results[i] = globalAveragePool(of.apply(s.input()));
      } else if (step instanceof NetworkGraph.Resize s) {
        results[i] = resize(of.apply(s.input()), of.apply(s.like()), s.alignCorners());
      } else if (step instanceof NetworkGraph.Concat s) {
        results[i] = concat(s.inputs().stream().map(of).toList());
      }
    }
    return results[value.index()];
  }

  @Override
  public Planes convolution(ConvUnit unit, Planes input) {
    FoldedConvolution folded = weights.apply(unit);
    int k = unit.kernel();
    return Planes.of(
        unit.outChannels(),
        strided(input.height(), unit.stride()),
        strided(input.width(), unit.stride()),
        (o, y, x) -> {
          double sum = folded.bias()[o];
          for (int c = 0; c < input.channels(); c++) {
            for (int i = 0; i < k; i++) {
              for (int j = 0; j < k; j++) {
                int row = y * unit.stride() + i * unit.dilation() - unit.padding();
                int column = x * unit.stride() + j * unit.dilation() - unit.padding();
                sum +=
                    (double) folded.weight()[((o * input.channels() + c) * k + i) * k + j]
                        * input.at(c, row, column);
              }
            }
          }
          return (float) (unit.relu() ? Math.max(0, sum) : sum);
        });
  }

  /** Output size of a "same" convolution and of the pool: ceil(size / stride). */
  private static int strided(int size, int stride) {
    return (size + stride - 1) / stride;
  }

  @Override
  public Planes addRelu(Planes input, Planes residual) {
    return Planes.of(
        input.channels(),
        input.height(),
        input.width(),
        (c, y, x) -> Math.max(0, input.at(c, y, x) + residual.at(c, y, x)));
  }

  @Override
  public Planes maxPool(Planes input) {
    return Planes.of(
        input.channels(),
        strided(input.height(), 2),
        strided(input.width(), 2),
        (c, y, x) -> {
          float max = Float.NEGATIVE_INFINITY;
          for (int row = Math.max(0, 2 * y - 1); row <= 2 * y + 1 && row < input.height(); row++) {
            for (int at = Math.max(0, 2 * x - 1); at <= 2 * x + 1 && at < input.width(); at++) {
              max = Math.max(max, input.at(c, row, at));
            }
          }
          return max;
        });
  }

  @Override
  public Planes globalAveragePool(Planes input) {
    return Planes.of(
        input.channels(),
        1,
        1,
        (c, y, x) -> {
          double sum = 0;
          for (int row = 0; row < input.height(); row++) {
            for (int column = 0; column < input.width(); column++) {
              sum += input.at(c, row, column);
            }
          }
          return (float) (sum / (input.height() * input.width()));
        });
  }

  @Override
  public Planes resize(Planes input, Planes like, boolean alignCorners) {
    return Planes.of(
        input.channels(),
        like.height(),
        like.width(),
        (c, y, x) -> {
          double row = source(y, input.height(), like.height(), alignCorners);
          double column = source(x, input.width(), like.width(), alignCorners);
          int top = (int) row;
          int left = (int) column;
          int bottom = Math.min(top + 1, input.height() - 1);
          int right = Math.min(left + 1, input.width() - 1);
          double upper = lerp(input.at(c, top, left), input.at(c, top, right), column - left);
          double lower = lerp(input.at(c, bottom, left), input.at(c, bottom, right), column - left);
          return (float) lerp(upper, lower, row - top);
        });
  }

  private static double source(int target, int from, int to, boolean alignCorners) {
    if (alignCorners) {
      return to == 1 ? 0 : (double) target * (from - 1) / (to - 1);
    }
    return Math.max(0, (target + 0.5) * from / to - 0.5);
  }

  private static double lerp(double a, double b, double t) {
    return a + (b - a) * t;
  }

  @Override
  public Planes concat(List<Planes> inputs) {
    int channels = inputs.stream().mapToInt(Planes::channels).sum();
    return Planes.of(
        channels,
        inputs.get(0).height(),
        inputs.get(0).width(),
        (c, y, x) -> {
          int rest = c;
          for (Planes input : inputs) {
            if (rest < input.channels()) {
              return input.at(rest, y, x);
            }
            rest -= input.channels();
          }
          throw new IndexOutOfBoundsException(c);
        });
  }
}
