package io.atrous.checkpoint;

import io.atrous.model.ModelFileException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The names and shapes of a network's tensors in a checkpoint, and complaints about them. */
final class Inventory {

  private final Checkpoint checkpoint;
  private final Map<String, List<Integer>> shapes = new TreeMap<>();

  /**
   * Looks at the tensors of a network.
   *
   * @param prefix before their names, which are used without it
   */
  Inventory(Checkpoint checkpoint, String prefix) {
    this.checkpoint = checkpoint;
    checkpoint.names().stream()
        .filter(name -> name.startsWith(prefix))
        .forEach(name -> shapes.put(name.substring(prefix.length()), checkpoint.shape(name)));
  }

  Map<String, List<Integer>> shapes() {
    return shapes;
  }

  boolean has(String name) {
    return shapes.containsKey(name);
  }

  /** The names that begin with a prefix, without it. */
  List<String> under(String prefix) {
    return shapes.keySet().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .toList();
  }

  /**
   * The shape of a convolution's weight.
   *
   * @throws ModelFileException if there is none
   */
  List<Integer> shape(String name) {
    List<Integer> shape = shapes.get(name);
    if (shape == null) {
      throw refused("it lacks " + name);
    }
    if (shape.size() != 4) {
      throw refused(name + " is " + shape + ", not the four dimensions of a convolution");
    }
    return shape;
  }

  int dimension(String name, int axis) {
    return shape(name).get(axis);
  }

  /**
   * The sequence that stands for a convolution and holds a depthwise one, {@code 0}, and a
   * pointwise one, {@code 1}; empty if the convolution is dense.
   */
  Optional<String> separable(String convolution) {
    return Stream.of(convolution, convolution + ".body")
        .filter(sequence -> has(sequence + ".0.weight") && has(sequence + ".1.weight"))
        .findFirst();
  }

  /** Returns the number of channels that a convolution gives, dense or separable. */
  int outChannels(String convolution) {
    return dimension(separable(convolution).map(s -> s + ".1").orElse(convolution) + ".weight", 0);
  }

  ModelFileException refused(String why) {
    return refused(checkpoint, why);
  }

  static ModelFileException refused(Checkpoint checkpoint, String why) {
    return new ModelFileException(
        "Checkpoint " + checkpoint.origin() + " can't be imported: " + why);
  }
}
