package io.atrous.network;

import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.BlockSpec;
import io.atrous.model.NetworkSpec.BlockType;
import io.atrous.model.NetworkSpec.StemType;
import java.util.List;

/**
 * The backbone: a ResNet (He et al., "Deep Residual Learning for Image Recognition", 2015) whose
 * later stages are dilated instead of strided.
 *
 * <p><b>Threading:</b> immutable.
 */
final class ResNet {

  static final String PREFIX = "resnet_features.";

  private final NetworkSpec spec;

  ResNet(NetworkSpec spec) {
    this.spec = spec;
  }

  /**
   * What the backbone gives.
   *
   * @param low the first stage's features, at stride 4
   * @param high the last stage's features, at the output stride
   */
  record Features<T>(T low, T high) {}

  int lowChannels() {
    return spec.baseWidth() * spec.block().expansion();
  }

  int outChannels() {
    return lowChannels() << (spec.stages().size() - 1);
  }

  <T> Features<T> features(Operations<T> operations, T image) {
    T x = operations.maxPool(stem(operations, image));
    int channels = spec.baseWidth();
    T low = x;
    for (int stage = 0; stage < spec.stages().size(); stage++) {
      int planes = spec.baseWidth() << stage;
      List<BlockSpec> blocks = spec.stages().get(stage);
      for (int i = 0; i < blocks.size(); i++) {
        String name = PREFIX + "layer" + (stage + 1) + "." + i + ".";
        x = block(operations, name, blocks.get(i), channels, planes, i == 0, x);
        channels = planes * spec.block().expansion();
      }
      if (stage == 0) {
        low = x;
      }
    }
    return new Features<>(low, x);
  }

  private <T> T stem(Operations<T> operations, T image) {
    int width = spec.baseWidth();
    if (spec.stem() == StemType.PLAIN) {
      return operations.convolution(
          new ConvUnit(
              PREFIX + "conv1", PREFIX + "bn1", spec.inputChannels(), width, 7, 2, 1, false, true),
          image);
    }
    int half = Math.max(1, width / 2);
    T x = operations.convolution(stemUnit(0, spec.inputChannels(), half, 2), image);
    x = operations.convolution(stemUnit(1, half, half, 1), x);
    return operations.convolution(stemUnit(2, half, width, 1), x);
  }

  /** Three modules each: convolution, batch norm, ReLU. */
  private static ConvUnit stemUnit(int number, int inChannels, int outChannels, int stride) {
    String name = PREFIX + "stem.";
    return ConvUnit.threeByThree(
        name + 3 * number, name + (3 * number + 1), inChannels, outChannels, stride);
  }

  private <T> T block(
      Operations<T> operations,
      String name,
      BlockSpec block,
      int inChannels,
      int planes,
      boolean first,
      T input) {
    int outChannels = planes * spec.block().expansion();
    T x;
    if (spec.block() == BlockType.BOTTLENECK) {
      x = operations.convolution(unit(name, 1, inChannels, planes, 1, 1, 1, true), input);
      x =
          operations.convolution(
              unit(name, 2, planes, planes, 3, block.stride(), block.dilation(), true), x);
      x = operations.convolution(unit(name, 3, planes, outChannels, 1, 1, 1, false), x);
    } else {
      x =
          operations.convolution(
              unit(name, 1, inChannels, planes, 3, block.stride(), block.dilation(), true), input);
      // torchvision's basic block does not dilate; where a checkpoint dilates, both do.
      x = operations.convolution(unit(name, 2, planes, planes, 3, 1, block.dilation(), false), x);
    }
    T residual = input;
    if (first && (block.stride() != 1 || inChannels != outChannels)) {
      residual =
          operations.convolution(
              new ConvUnit(
                  name + "downsample.0",
                  name + "downsample.1",
                  inChannels,
                  outChannels,
                  1,
                  block.stride(),
                  1,
                  false,
                  false),
              input);
    }
    return operations.addRelu(x, residual);
  }

  private static ConvUnit unit(
      String name,
      int number,
      int inChannels,
      int outChannels,
      int kernel,
      int stride,
      int dilation,
      boolean relu) {
    return new ConvUnit(
        name + "conv" + number,
        name + "bn" + number,
        inChannels,
        outChannels,
        kernel,
        stride,
        dilation,
        false,
        relu);
  }
}
