package io.atrous.checkpoint;

import io.atrous.model.NetworkSpec.BlockType;
import io.atrous.model.NetworkSpec.StemType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The ResNet that the tensors of a checkpoint make up.
 *
 * @param inputChannels the number of the image's channels
 * @param width channels of the stem
 * @param blocks the blocks of each stage
 */
record Backbone(
    StemType stem, BlockType block, int inputChannels, int width, List<Integer> blocks) {

  private static final int STAGES = 4;

  /**
   * Reads a backbone off the shapes of its tensors.
   *
   * @param prefix before the names of the backbone's tensors
   * @throws io.atrous.model.ModelFileException if it is none that the network can have
   */
  static Backbone of(Inventory tensors, String prefix) {
    boolean plain = tensors.has(prefix + "conv1.weight");
    String first = prefix + (plain ? "conv1.weight" : "stem.0.weight");
    String block = prefix + "layer1.0.";
    Optional<String> unsupported = UnsupportedEncoder.recognize(tensors.under(prefix));
    if (unsupported.isPresent()) {
      throw tensors.refused(
          "it has an encoder of kind " + unsupported.get() + "; " + UnsupportedEncoder.SUPPORTED);
    }
    if (!tensors.has(first) || !tensors.has(block + "conv1.weight")) {
      throw tensors.refused("its encoder is no ResNet; " + UnsupportedEncoder.SUPPORTED);
    }
    int width = tensors.dimension(plain ? first : prefix + "stem.6.weight", 0);
    boolean bottleneck = tensors.has(block + "conv3.weight");
    List<Integer> inner = tensors.shape(block + "conv2.weight");
    boolean grouped = !inner.get(0).equals(inner.get(1));
    if (grouped || inner.get(0) != width) {
      throw tensors.refused(
          "its encoder is a "
              + (grouped ? "ResNeXt" : "Wide ResNet")
              + " ("
              + block
              + "conv2.weight is "
              + inner
              + "); "
              + UnsupportedEncoder.SUPPORTED);
    }
    if (tensors.has(prefix + "layer2.0.downsample.1.weight")
        && !tensors.has(prefix + "layer2.0.downsample.0.weight")) {
      throw tensors.refused(
          "its encoder pools in its shortcuts (ResNet-D); " + UnsupportedEncoder.SUPPORTED);
    }
    List<Integer> blocks = new ArrayList<>();
    for (int stage = 1; stage <= STAGES; stage++) {
      String name = prefix + "layer" + stage + ".";
      int count = 0;
      while (tensors.has(name + count + ".conv1.weight")) {
        count++;
      }
      if (count == 0) {
        throw tensors.refused("it lacks " + name + "0.conv1.weight");
      }
      blocks.add(count);
    }
    return new Backbone(
        plain ? StemType.PLAIN : StemType.DEEP,
        bottleneck ? BlockType.BOTTLENECK : BlockType.BASIC,
        tensors.dimension(first, 1),
        width,
        List.copyOf(blocks));
  }
}
