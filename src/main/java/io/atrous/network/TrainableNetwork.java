package io.atrous.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.atrous.model.NetworkSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A network whose parameters can be trained: {@link DeepLabV3Plus} over DJL arrays, recorded for
 * automatic differentiation where a {@link ai.djl.training.GradientCollector} is open.
 *
 * <p><b>Threading:</b> confined to one thread. <b>Ownership:</b> it owns its tensors; what a
 * forward pass makes belongs to the image's manager, which should be one per step.
 */
public final class TrainableNetwork implements AutoCloseable {

  private final DeepLabV3Plus network;
  private final NDManager manager;
  private final Map<String, NDArray> tensors = new LinkedHashMap<>();
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();

  private TrainableNetwork(
      NetworkSpec spec, NDManager parent, Function<ParameterSpec, float[]> values) {
    this.network = new DeepLabV3Plus(spec);
    this.manager = parent.newSubManager();
    try {
      for (ParameterSpec parameter : CostModel.parametersOf(spec)) {
        add(parameter, values.apply(parameter));
      }
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private void add(ParameterSpec parameter, float[] values) {
    if (values.length != parameter.count()) {
      throw new IllegalArgumentException(
          parameter.name() + " has " + values.length + " numbers, not " + parameter.count());
    }
    Shape shape = new Shape(parameter.shape().stream().mapToLong(Integer::longValue).toArray());
    NDArray tensor = manager.create(values, shape);
    tensors.put(parameter.name(), tensor);
    if (parameter.role().trainable()) {
      tensor.setRequiresGradient(true);
      parameters.put(parameter.name(), tensor);
    }
  }

  /**
   * An untrained network.
   *
   * @param parent decides the device; closing it closes the network
   * @param seed equal seeds give equal networks
   */
  public static TrainableNetwork initialize(NetworkSpec spec, NDManager parent, long seed) {
    return new TrainableNetwork(spec, parent, new Initialization(seed)::values);
  }

  /**
   * A network with given weights.
   *
   * @param parent decides the device; closing it closes the network
   * @param weights every tensor of the network by its name, row-major, and nothing else
   */
  public static TrainableNetwork of(
      NetworkSpec spec, NDManager parent, Map<String, float[]> weights) {
    TrainableNetwork network =
        new TrainableNetwork(
            spec,
            parent,
            parameter -> {
              float @Nullable [] values = weights.get(parameter.name());
              if (values == null) {
                throw new IllegalArgumentException(
                    "the weights lack the network's " + parameter.name());
              }
              return values;
            });
    Set<String> extra = new TreeSet<>(weights.keySet());
    extra.removeAll(network.tensors.keySet());
    if (!extra.isEmpty()) {
      network.close();
      throw new IllegalArgumentException("the network has no tensors " + extra);
    }
    return network;
  }

  /** A network with a model's weights. */
  public static TrainableNetwork of(Weights weights, NDManager parent) {
    return new TrainableNetwork(
        weights.network(), parent, parameter -> weights.tensor(parameter.name()));
  }

  /** Returns whether a parameter is the backbone's, by its name. */
  public static boolean isOfBackbone(String parameter) {
    return parameter.startsWith(ResNet.PREFIX);
  }

  public NetworkSpec spec() {
    return network.spec();
  }

  /**
   * The logits at the image's size.
   *
   * @param image float [N, inputChannels, H, W], normalised, on the network's device
   * @param training true: batch norm normalises by the batch, where that has more than one value,
   *     and moves its running statistics; false: it uses them, and nothing is recorded for
   *     gradients
   * @return float [N, classes, H, W]
   */
  public NDArray logits(NDArray image, boolean training) {
    return forward(training, operations -> network.logits(operations, image));
  }

  /**
   * The logits of a batch of training that is spread over replicas of the network. Batch norm sees
   * the batch as a whole, wherever its parts are.
   *
   * @param shards a part of the batch for each replica, float [N, inputChannels, H, W], normalised,
   *     on the replica's device; the parameters are copied there, and gradients come back
   * @return the logits of each part, float [N, classes, H, W]
   */
  public List<NDArray> logits(List<NDArray> shards, TrainingPass pass) {
    if (shards.size() == 1) {
      NDArray image = shards.get(0);
      return List.of(network.logits(new NdArrayOperations(tensors, pass), image));
    }
    return network.logits(ReplicatedOperations.of(tensors, shards, pass), shards);
  }

  /**
   * The logits before the last upsampling.
   *
   * @param image float [N, inputChannels, H, W], normalised, on the network's device
   * @param training as in {@link #logits}
   * @return float [N, classes, ⌈H/4⌉, ⌈W/4⌉]; without a decoder at the output stride
   */
  public NDArray coarseLogits(NDArray image, boolean training) {
    return forward(training, operations -> network.coarseLogits(operations, image));
  }

  private NDArray forward(boolean training, Function<Operations<NDArray>, NDArray> pass) {
    NdArrayOperations operations =
        new NdArrayOperations(tensors, training ? TrainingPass.PLAIN : null);
    if (training) {
      return pass.apply(operations);
    }
    // PyTorch records by default on every thread but the one that loaded it.
    boolean recording = JniUtils.isGradMode();
    JniUtils.setGradMode(false);
    try {
      return pass.apply(operations);
    } finally {
      JniUtils.setGradMode(recording);
    }
  }

  /**
   * What a gradient moves, by name, in the order of use. {@link NDArray#getGradient()}, and
   * whatever is computed from a parameter, makes an array of the network's manager: close it, or
   * attach it to a manager of the step.
   */
  public Map<String, NDArray> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /**
   * All tensors as they are now, running statistics included, row-major, in arrays of their own.
   */
  public Map<String, float[]> weights() {
    Map<String, float[]> weights = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> weights.put(name, tensor.toFloatArray()));
    return weights;
  }

  @Override
  public void close() {
    manager.close();
  }
}
