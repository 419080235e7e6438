package io.atrous.network;

import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.ModelSpec;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.StorageType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a network: none missing, none extra, each of its shape. Numbers are read when
 * asked for, tensor by tensor.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class Weights {

  private final NetworkSpec network;
  private final String origin;
  private final Function<String, float[]> tensors;

  private Weights(NetworkSpec network, String origin, Function<String, float[]> tensors) {
    this.network = network;
    this.origin = origin;
    this.tensors = tensors;
  }

  /**
   * Weights that were never trained, which is enough to measure speed with.
   *
   * @param seed equal seeds give equal weights
   */
  public static Weights untrained(NetworkSpec network, long seed) {
    Map<String, ParameterSpec> parameters =
        CostModel.parametersOf(network).stream()
            .collect(Collectors.toMap(ParameterSpec::name, Function.identity()));
    return new Weights(
        network,
        "(untrained)",
        name ->
            new Initialization(seed + name.hashCode())
                .values(Objects.requireNonNull(parameters.get(name))));
  }

  /**
   * Takes a model file's tensors, once it is sure that they are those of its network.
   *
   * @throws ModelFileException if they don't belong to it
   */
  public static Weights of(ModelFile file) {
    Map<String, List<Integer>> expected = new TreeMap<>();
    parametersOf(file).forEach(parameter -> expected.put(parameter.name(), parameter.shape()));
    Map<String, List<Integer>> found = new TreeMap<>();
    file.names().forEach(name -> found.put(name, file.shape(name)));
    String differences = TensorDifferences.between(expected, found);
    if (!differences.isEmpty()) {
      throw new ModelFileException(
          "Model file "
              + file.origin()
              + " does not hold the weights of the network it describes: "
              + differences);
    }
    return new Weights(file.network(), file.origin(), file::tensor);
  }

  /**
   * Writes a model file that {@link #of} will take, all of it trained.
   *
   * @param tensors every tensor of the network by its name, row-major, and nothing else
   * @throws IllegalArgumentException if they aren't, or if a number is not finite as stored
   */
  public static void write(
      Path path,
      ModelSpec spec,
      NetworkSpec network,
      Map<String, float[]> tensors,
      StorageType type)
      throws IOException {
    write(path, spec, network, tensors, type, 0);
  }

  /**
   * Writes a model file that {@link #of} will take.
   *
   * @param tensors every tensor of the network by its name, row-major, and nothing else
   * @param untrained the number of tensors that were never trained
   * @throws IllegalArgumentException if they aren't, or if a number is not finite as stored
   */
  public static void write(
      Path path,
      ModelSpec spec,
      NetworkSpec network,
      Map<String, float[]> tensors,
      StorageType type,
      int untrained)
      throws IOException {
    Map<String, Tensor> shaped = new TreeMap<>();
    for (ParameterSpec parameter : CostModel.parametersOf(network)) {
      float @Nullable [] values = tensors.get(parameter.name());
      if (values == null) {
        throw new IllegalArgumentException("the weights lack " + parameter.name());
      }
      for (float value : values) {
        if (!type.holds(value)) {
          throw new IllegalArgumentException(
              parameter.name() + " contains " + value + ", which " + type + " can't hold");
        }
      }
      shaped.put(parameter.name(), new Tensor(parameter.shape(), values));
    }
    if (shaped.size() != tensors.size()) {
      TreeSet<String> extra = new TreeSet<>(tensors.keySet());
      extra.removeAll(shaped.keySet());
      throw new IllegalArgumentException("the network has no tensors " + extra);
    }
    ModelFile.write(path, spec, network, shaped, type, untrained);
  }

  private static List<ParameterSpec> parametersOf(ModelFile file) {
    try {
      return CostModel.parametersOf(file.network());
    } catch (IllegalArgumentException e) {
      throw new ModelFileException(
          "Model file " + file.origin() + " describes an impossible network: " + e.getMessage(), e);
    }
  }

  /** The network that the weights belong to. */
  public NetworkSpec network() {
    return network;
  }

  /**
   * A tensor's numbers, row-major, in an array of the caller's.
   *
   * @throws ModelFileException if one is not finite
   */
  public float[] tensor(String name) {
    float[] values = tensors.apply(name);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new ModelFileException(
            "Model file " + origin + " is damaged: tensor " + name + " contains " + value);
      }
    }
    return values;
  }

  /**
   * A convolution with its batch norm folded in.
   *
   * @throws ModelFileException if its numbers are unusable
   */
  public FoldedConvolution folded(ConvUnit unit) {
    try {
      return BatchNormFolding.fold(unit, this::tensor);
    } catch (ArithmeticException e) {
      throw new ModelFileException("Model file " + origin + " is damaged: " + e.getMessage(), e);
    }
  }
}
