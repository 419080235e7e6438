package io.atrous.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Batch norm over a batch that is spread over replicas: mean and variance are those of all its
 * values, and gradients flow through both to every replica. Written in operations that can be
 * differentiated, since no library call does this across devices within one process; it takes some
 * three arrays more per norm than PyTorch's own, which one replica has.
 *
 * <p><b>Threading:</b> confined to the forward pass it was made for.
 */
final class SynchronizedBatchNorm {

  private static final int[] ALL_BUT_CHANNELS = {0, 2, 3};

  private final Map<String, NDArray> tensors;

  /**
   * @param tensors the network's tensors by name, whose running statistics are moved
   */
  SynchronizedBatchNorm(Map<String, NDArray> tensors) {
    this.tensors = tensors;
  }

  /**
   * Normalises by the whole batch and moves the running statistics.
   *
   * @param name the norm's parameter prefix
   * @param shards [N, C, H, W] each, of more than one value per channel together
   * @param replicas the replicas in the shards' order, which have the factor and the summand
   */
  List<NDArray> normalize(String name, List<NDArray> shards, List<NdArrayOperations> replicas) {
    long count = shards.stream().mapToLong(NdArrayOperations::valuesPerChannel).sum();
    NDArray mean = sum(shards).div(count);
    List<NDArray> centred = new ArrayList<>();
    for (NDArray shard : shards) {
      centred.add(shard.sub(beside(shard, mean)));
    }
    NDArray variance = sum(centred.stream().map(NDArray::square).toList()).div(count);
    move(name + ".running_mean", mean);
    move(name + ".running_var", variance.mul((double) count / (count - 1)));
    NDArray deviation = variance.add(ConvUnit.NORM_EPSILON).sqrt();
    List<NDArray> normalized = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      NDArray shard = centred.get(i);
      NDArray factor = perChannel(replicas.get(i).tensor(name + ".weight"), shard);
      NDArray summand = perChannel(replicas.get(i).tensor(name + ".bias"), shard);
      normalized.add(shard.div(beside(shard, deviation)).mul(factor).add(summand));
    }
    return normalized;
  }

  /** The sum of all values of each channel, [1, C, 1, 1], where the first replica is. */
  private static NDArray sum(List<NDArray> shards) {
    NDArray first = shards.get(0);
    NDArray sum = first.sum(ALL_BUT_CHANNELS, true);
    for (NDArray shard : shards.subList(1, shards.size())) {
      sum = sum.add(beside(first, shard.sum(ALL_BUT_CHANNELS, true)));
    }
    return sum;
  }

  /** Returns a copy of an array on another array's device. */
  private static NDArray beside(NDArray other, NDArray array) {
    return array.toDevice(other.getDevice(), false);
  }

  private static NDArray perChannel(NDArray parameter, NDArray like) {
    NDArray shaped = parameter.reshape(new Shape(1, parameter.size(), 1, 1));
    // It would belong to the parameter's manager, and so live as long as the network.
    shaped.attach(like.getManager());
    return shaped;
  }

  /** Moves a running statistic a tenth of the way, as PyTorch does. */
  private void move(String name, NDArray seen) {
    NDArray running = Objects.requireNonNull(tensors.get(name), name);
    NDArray now = seen.stopGradient().reshape(running.getShape());
    running
        .muli(NdArrayOperations.NORM_MOMENTUM)
        .addi(beside(running, now).mul(1 - NdArrayOperations.NORM_MOMENTUM));
  }
}
