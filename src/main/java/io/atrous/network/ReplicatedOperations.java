package io.atrous.network;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The network's operations on a batch that is spread over replicas, one after another in one
 * thread: a CUDA device computes what it was given while the next one is given its part. A replica
 * has the network's own tensors if it is on their device, otherwise copies, through which gradients
 * come back.
 *
 * <p><b>Threading:</b> confined to the forward pass it was made for.
 */
final class ReplicatedOperations implements Operations<List<NDArray>> {

  private final List<NdArrayOperations> replicas;
  private final SynchronizedBatchNorm batchNorm;

  private ReplicatedOperations(List<NdArrayOperations> replicas, SynchronizedBatchNorm batchNorm) {
    this.replicas = replicas;
    this.batchNorm = batchNorm;
  }

  /**
   * Makes a replica for each part of a batch.
   *
   * @param tensors the network's tensors by name
   * @param shards the parts, whose managers own what the pass makes
   */
  static ReplicatedOperations of(
      Map<String, NDArray> tensors, List<NDArray> shards, TrainingPass pass) {
    List<NdArrayOperations> replicas = new ArrayList<>();
    for (NDArray shard : shards) {
      replicas.add(new NdArrayOperations(on(shard.getDevice(), shard.getManager(), tensors), pass));
    }
    return new ReplicatedOperations(List.copyOf(replicas), new SynchronizedBatchNorm(tensors));
  }

  private static Map<String, NDArray> on(
      Device device, NDManager scope, Map<String, NDArray> tensors) {
    Map<String, NDArray> there = new HashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (tensor.getDevice().equals(device)) {
            there.put(name, tensor);
          } else {
            NDArray copy = tensor.toDevice(device, true);
            copy.attach(scope);
            there.put(name, copy);
          }
        });
    return there;
  }

  @Override
  public List<NDArray> convolution(ConvUnit unit, List<NDArray> input) {
    List<NDArray> x = each(input, (replica, shard) -> replica.bareConvolution(unit, shard));
    String norm = unit.norm();
    if (norm != null) {
      long values = x.stream().mapToLong(NdArrayOperations::valuesPerChannel).sum();
      x =
          replicas.get(0).learnsFrom(values)
              ? batchNorm.normalize(norm, x, replicas)
              : each(x, (replica, shard) -> replica.batchNorm(norm, shard, false));
    }
    return unit.relu() ? each(x, (replica, shard) -> Activation.relu(shard)) : x;
  }

  @Override
  public List<NDArray> addRelu(List<NDArray> input, List<NDArray> residual) {
    return indices(i -> replicas.get(i).addRelu(input.get(i), residual.get(i)));
  }

  @Override
  public List<NDArray> maxPool(List<NDArray> input) {
    return each(input, NdArrayOperations::maxPool);
  }

  @Override
  public List<NDArray> globalAveragePool(List<NDArray> input) {
    return each(input, NdArrayOperations::globalAveragePool);
  }

  @Override
  public List<NDArray> resize(List<NDArray> input, List<NDArray> like, boolean alignCorners) {
    return indices(i -> replicas.get(i).resize(input.get(i), like.get(i), alignCorners));
  }

  @Override
  public List<NDArray> concat(List<List<NDArray>> inputs) {
    return indices(
        i -> replicas.get(i).concat(inputs.stream().map(shards -> shards.get(i)).toList()));
  }

  @Override
  public List<NDArray> dropout(List<NDArray> input) {
    return each(input, NdArrayOperations::dropout);
  }

  private List<NDArray> each(
      List<NDArray> shards, BiFunction<NdArrayOperations, NDArray, NDArray> operation) {
    return indices(i -> operation.apply(replicas.get(i), shards.get(i)));
  }

  private List<NDArray> indices(IntFunction<NDArray> operation) {
    return IntStream.range(0, replicas.size()).mapToObj(operation).toList();
  }
}
