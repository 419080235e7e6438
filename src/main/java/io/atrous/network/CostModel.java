package io.atrous.network;

import io.atrous.model.NetworkSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a network costs on an image of a given size, and which tensors it is made of. Making one
 * checks that the network fits together: channels, sizes, names.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class CostModel {

  /** The shape of one image's features, or of the image. */
  public record Features(int channels, int height, int width) {}

  /**
   * A convolution and what it costs for one image.
   *
   * @param input what it takes
   * @param output what it gives
   */
  public record Layer(ConvUnit unit, Features input, Features output) {

    /** Trained numbers, batch norm's included. */
    public long parameters() {
      return unit.parameters().stream()
          .filter(parameter -> parameter.role().trainable())
          .mapToLong(ParameterSpec::count)
          .sum();
    }

    /** Of the convolution alone; twice as many floating-point operations. */
    public long multiplyAdds() {
      return (long) unit.outChannels()
          * unit.inChannels()
          * unit.kernel()
          * unit.kernel()
          * output.height()
          * output.width();
    }
  }

  private final List<Layer> layers;
  private final Features coarseLogits;

  private CostModel(List<Layer> layers, Features coarseLogits) {
    this.layers = List.copyOf(layers);
    this.coarseLogits = coarseLogits;
  }

  /**
   * Counts a network.
   *
   * @param height of the image, in pixels
   * @param width of the image, in pixels
   */
  public static CostModel of(NetworkSpec spec, int height, int width) {
    Counting counting = new Counting();
    Features coarse =
        new DeepLabV3Plus(spec)
            .coarseLogits(counting, new Features(spec.inputChannels(), height, width));
    return new CostModel(counting.layers, coarse);
  }

  /** The tensors of a network, in the order they are used in. */
  public static List<ParameterSpec> parametersOf(NetworkSpec spec) {
    // The tensors don't depend on the image's size.
    return of(spec, 1, 1).layers.stream()
        .flatMap(layer -> layer.unit().parameters().stream())
        .toList();
  }

  /** The convolutions, in the order they are run in. */
  public List<Layer> layers() {
    return layers;
  }

  /** The logits before the last upsampling. */
  public Features coarseLogits() {
    return coarseLogits;
  }

  /** Trained numbers, batch norm's included. */
  public long parameters() {
    return parameters(layer -> true);
  }

  /** Trained numbers of some layers. */
  public long parameters(Predicate<Layer> which) {
    return layers.stream().filter(which).mapToLong(Layer::parameters).sum();
  }

  /** Multiply-adds of the convolutions for one image; twice as many floating-point operations. */
  public long multiplyAdds() {
    return multiplyAdds(layer -> true);
  }

  /** Multiply-adds of some layers for one image. */
  public long multiplyAdds(Predicate<Layer> which) {
    return layers.stream().filter(which).mapToLong(Layer::multiplyAdds).sum();
  }

  /** Follows shapes through the network and refuses what doesn't fit. */
  private static final class Counting implements Operations<Features> {

    private final List<Layer> layers = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    @Override
    public Features convolution(ConvUnit unit, Features input) {
      if (input.channels() != unit.inChannels()) {
        throw new IllegalArgumentException(unit.name() + " does not take " + input);
      }
      for (ParameterSpec parameter : unit.parameters()) {
        if (!names.add(parameter.name())) {
          throw new IllegalArgumentException("the name " + parameter.name() + " repeats");
        }
      }
      Features output =
          new Features(
              unit.outChannels(),
              outputSize(unit, input.height()),
              outputSize(unit, input.width()));
      layers.add(new Layer(unit, input, output));
      return output;
    }

    private static int outputSize(ConvUnit unit, int size) {
      int reach = unit.dilation() * (unit.kernel() - 1);
      return (size + 2 * unit.padding() - reach - 1) / unit.stride() + 1;
    }

    @Override
    public Features addRelu(Features input, Features residual) {
      if (!input.equals(residual)) {
        throw new IllegalArgumentException(input + " and its residual " + residual + " differ");
      }
      return input;
    }

    @Override
    public Features maxPool(Features input) {
      return new Features(input.channels(), halved(input.height()), halved(input.width()));
    }

    private static int halved(int size) {
      return (size - 1) / 2 + 1;
    }

    @Override
    public Features globalAveragePool(Features input) {
      return new Features(input.channels(), 1, 1);
    }

    @Override
    public Features resize(Features input, Features like, boolean alignCorners) {
      return new Features(input.channels(), like.height(), like.width());
    }

    @Override
    public Features concat(List<Features> inputs) {
      Features first = inputs.get(0);
      for (Features input : inputs) {
        if (input.height() != first.height() || input.width() != first.width()) {
          throw new IllegalArgumentException(first + " and " + input + " can't be joined");
        }
      }
      int channels = inputs.stream().mapToInt(Features::channels).sum();
      return new Features(channels, first.height(), first.width());
    }
  }
}
