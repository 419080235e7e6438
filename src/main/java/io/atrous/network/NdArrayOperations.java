package io.atrous.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The network's operations on DJL arrays, float [N, C, H, W], one library call each, so that
 * gradients flow through all of them. A result belongs to the manager of its first operand, hence
 * to the image's.
 *
 * <p><b>Threading:</b> confined to the forward pass it was made for.
 */
final class NdArrayOperations implements Operations<NDArray> {

  /** DJL's momentum is the share of the old value: PyTorch's 0.1. */
  static final float NORM_MOMENTUM = 0.9f;

  /** DJL's word for the layout that PyTorch has anyway; any other axis is swapped, at a cost. */
  private static final int NORM_AXIS = -1;

  private static final int CHANNEL_AXIS = 1;

  /** PyTorch's number for bilinear, as DJL's JNI passes it on. */
  private static final int BILINEAR = 2;

  private final Map<String, NDArray> tensors;
  private final @Nullable TrainingPass training;

  /**
   * @param tensors the network's tensors by name
   * @param training the kind of a pass of training, or null in evaluation
   */
  NdArrayOperations(Map<String, NDArray> tensors, @Nullable TrainingPass training) {
    this.tensors = tensors;
    this.training = training;
  }

  @Override
  public NDArray convolution(ConvUnit unit, NDArray input) {
    NDArray x = bareConvolution(unit, input);
    if (unit.norm() != null) {
      x = batchNorm(unit.norm(), x, learnsFrom(valuesPerChannel(x)));
    }
    return unit.relu() ? Activation.relu(x) : x;
  }

  /** A unit's convolution without what follows it. */
  NDArray bareConvolution(ConvUnit unit, NDArray input) {
    return Conv2d.conv2d(
            input,
            tensor(unit.name() + ".weight"),
            unit.bias() ? tensor(unit.name() + ".bias") : null,
            square(unit.stride()),
            square(unit.padding()),
            square(unit.dilation()))
        .singletonOrThrow();
  }

  /**
   * Whether batch norm normalises by the batch, and moves its running statistics. One value has no
   * variance: PyTorch refuses it, here the norm is then as in evaluation. Such is the pooled branch
   * for a batch of one image.
   *
   * @param valuesPerChannel the number of values that a channel has in the whole batch
   */
  boolean learnsFrom(long valuesPerChannel) {
    return training != null && !training.batchNormFrozen() && valuesPerChannel > 1;
  }

  /**
   * @param learns true to normalise by the input and move the running statistics
   */
  NDArray batchNorm(String name, NDArray input, boolean learns) {
    return BatchNorm.batchNorm(
            input,
            tensor(name + ".running_mean"),
            tensor(name + ".running_var"),
            tensor(name + ".weight"),
            tensor(name + ".bias"),
            NORM_AXIS,
            NORM_MOMENTUM,
            (float) ConvUnit.NORM_EPSILON,
            learns)
        .singletonOrThrow();
  }

  static long valuesPerChannel(NDArray input) {
    return input.size() / input.getShape().get(CHANNEL_AXIS);
  }

  @Override
  public NDArray addRelu(NDArray input, NDArray residual) {
    return Activation.relu(input.add(residual));
  }

  @Override
  public NDArray maxPool(NDArray input) {
    return Pool.maxPool2d(input, square(3), square(2), square(1), false);
  }

  @Override
  public NDArray globalAveragePool(NDArray input) {
    return Pool.globalAvgPool2d(input).expandDims(2).expandDims(3);
  }

  @Override
  public NDArray resize(NDArray input, NDArray like, boolean alignCorners) {
    long[] size = {like.getShape().get(2), like.getShape().get(3)};
    // NDArrayEx has no such operation with align_corners.
    return JniUtils.interpolate((PtNDArray) input, size, BILINEAR, alignCorners);
  }

  @Override
  public NDArray concat(List<NDArray> inputs) {
    return NDArrays.concat(new NDList(inputs), CHANNEL_AXIS);
  }

  @Override
  public NDArray dropout(NDArray input) {
    return training == null || training.dropout() == 0
        ? input
        : JniUtils.dropout((PtNDArray) input, training.dropout(), true);
  }

  private static Shape square(int size) {
    return new Shape(size, size);
  }

  NDArray tensor(String name) {
    @Nullable NDArray tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("the network has no tensor " + name);
    }
    return tensor;
  }
}
