package io.atrous.model;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The structure of a DeepLabv3+ network: all of its sizes, without its weights.
 *
 * @param inputChannels channels of the image, 3 for RGB
 * @param classes channels of the logits
 * @param block the residual block of the backbone
 * @param stem the first layers of the backbone
 * @param baseWidth channels of the stem and planes of the first stage; each further stage doubles
 *     the planes
 * @param stages the four stages of the backbone, each a list of its blocks
 * @param aspp the atrous spatial pyramid pooling
 * @param decoder the decoder, or null for DeepLabv3, whose ASPP is followed by the classifier
 * @param alignCorners true if bilinear upsampling aligns corners
 */
public record NetworkSpec(
    int inputChannels,
    int classes,
    StemType stem,
    BlockType block,
    int baseWidth,
    List<List<BlockSpec>> stages,
    AsppSpec aspp,
    @Nullable DecoderSpec decoder,
    boolean alignCorners) {

  /** The limit of each number: far above any useful network, and no product of sizes overflows. */
  private static final int MAX_NUMBER = 1 << 14;

  /** What brings the image to half its size, before the maximum pooling. */
  public enum StemType {
    /** One 7×7 convolution, as in "Deep Residual Learning for Image Recognition". */
    PLAIN,
    /**
     * Three 3×3 convolutions, the first two of half the channels ("Bag of Tricks for Image
     * Classification with Convolutional Neural Networks", ResNet-C).
     */
    DEEP
  }

  /** The residual blocks of "Deep Residual Learning for Image Recognition". */
  public enum BlockType {
    /** Two 3×3 convolutions. */
    BASIC(1),
    /** 1×1, 3×3 and 1×1 convolutions, the last with four times the planes. */
    BOTTLENECK(4);

    private final int expansion;

    BlockType(int expansion) {
      this.expansion = expansion;
    }

    /** Output channels per plane. */
    public int expansion() {
      return expansion;
    }
  }

  /**
   * One residual block.
   *
   * @param stride the stride of its first 3×3 convolution and of its shortcut
   * @param dilation the dilation of its 3×3 convolutions
   */
  public record BlockSpec(int stride, int dilation) {
    public BlockSpec {
      requirePositive("block stride", stride);
      requirePositive("block dilation", dilation);
    }
  }

  /**
   * Parallel atrous branches, image pooling, and a 1×1 projection of their concatenation.
   *
   * @param rates one branch each; rate 1 is a 1×1 convolution, any other a dilated 3×3
   * @param channels the channels of each branch, of the pooled branch, of the projection and of the
   *     refinements
   * @param refinements the number of 3×3 convolutions that follow the projection; 0 as published
   */
  public record AsppSpec(List<Integer> rates, int channels, int refinements) {
    public AsppSpec {
      rates = List.copyOf(rates);
      rates.forEach(rate -> requirePositive("ASPP rate", rate));
      requirePositive("ASPP channels", channels);
      if (rates.isEmpty()) {
        throw new IllegalArgumentException("the ASPP needs at least one rate");
      }
      if (refinements < 0 || refinements > MAX_NUMBER) {
        throw new IllegalArgumentException("impossible number of refinements " + refinements);
      }
    }
  }

  /**
   * The decoder of DeepLabv3+.
   *
   * @param lowLevelChannels the number of channels to which the first stage's features are reduced
   * @param channels the channels of the 3×3 convolutions
   * @param convolutions the number of 3×3 convolutions that precede the classifier
   */
  public record DecoderSpec(int lowLevelChannels, int channels, int convolutions) {
    public DecoderSpec {
      requirePositive("decoder low-level channels", lowLevelChannels);
      requirePositive("decoder channels", channels);
      requirePositive("decoder convolutions", convolutions);
    }
  }

  public NetworkSpec {
    requirePositive("input channels", inputChannels);
    requirePositive("classes", classes);
    requirePositive("base width", baseWidth);
    stages = stages.stream().map(List::copyOf).toList();
    if (stages.size() != 4 || stages.stream().anyMatch(List::isEmpty)) {
      throw new IllegalArgumentException("the backbone has four stages of at least one block");
    }
  }

  /**
   * The seed's network: DeepLabv3+ as published with multi-grid [1, 2, 4] ([1, 2, 1] at output
   * stride 8) in the last stage.
   *
   * @param blocks the number of bottlenecks of each stage; [3, 4, 23, 3] is ResNet-101. The last
   *     stage's grid is cut or repeated to its count.
   * @param outputStride 16 or 8
   */
  public static NetworkSpec deepLabV3Plus(
      List<Integer> blocks, int baseWidth, int outputStride, int asppChannels, int classes) {
    if (outputStride != 16 && outputStride != 8) {
      throw new IllegalArgumentException("output stride is 16 or 8, not " + outputStride);
    }
    if (blocks.size() != 4) {
      throw new IllegalArgumentException("the backbone has four stages, not " + blocks.size());
    }
    boolean fine = outputStride == 8;
    List<Integer> grid = fine ? List.of(1, 2, 1) : List.of(1, 2, 4);
    return new NetworkSpec(
        3,
        classes,
        StemType.PLAIN,
        BlockType.BOTTLENECK,
        baseWidth,
        List.of(
            stage(blocks.get(0), 1, 1),
            stage(blocks.get(1), 2, 1),
            // Only the first block of the stage is dilated at output stride 8: so is the seed.
            stage(blocks.get(2), fine ? 1 : 2, fine ? 2 : 1),
            IntStream.range(0, blocks.get(3))
                .mapToObj(i -> new BlockSpec(1, 2 * grid.get(i % grid.size())))
                .toList()),
        new AsppSpec(fine ? List.of(1, 12, 24, 36) : List.of(1, 6, 12, 18), asppChannels, 0),
        new DecoderSpec(48, asppChannels, 2),
        true);
  }

  /**
   * Returns the output stride: the ratio of the image's size to that of the backbone's last
   * features.
   */
  public int outputStride() {
    // Stem and maximum pooling halve the size each.
    return stages.stream()
        .flatMap(List::stream)
        .mapToInt(BlockSpec::stride)
        .reduce(4, (a, b) -> a * b);
  }

  /** Describes the network in a line for people. */
  public String summary() {
    return "%s on ResNet-%d, output stride %d, ASPP rates %s, %d classes"
        .formatted(
            decoder == null ? "DeepLabv3" : "DeepLabv3+",
            depth(),
            outputStride(),
            aspp.rates(),
            classes);
  }

  /** As ResNets are called: their convolutions, and the one layer of the classifier. */
  private int depth() {
    int blocks = stages.stream().mapToInt(List::size).sum();
    return (block == BlockType.BOTTLENECK ? 3 : 2) * blocks + 2;
  }

  /** Returns this network with another decoder, or none. */
  public NetworkSpec withDecoder(@Nullable DecoderSpec other) {
    return new NetworkSpec(
        inputChannels, classes, stem, block, baseWidth, stages, aspp, other, alignCorners);
  }

  /** Returns this network with another number of classes. */
  public NetworkSpec withClasses(int other) {
    return new NetworkSpec(
        inputChannels, other, stem, block, baseWidth, stages, aspp, decoder, alignCorners);
  }

  /** Returns this network with another way to upsample. */
  public NetworkSpec withAlignCorners(boolean other) {
    return new NetworkSpec(
        inputChannels, classes, stem, block, baseWidth, stages, aspp, decoder, other);
  }

  private static List<BlockSpec> stage(int blocks, int stride, int dilation) {
    return IntStream.range(0, blocks)
        .mapToObj(i -> i == 0 ? new BlockSpec(stride, dilation) : new BlockSpec(1, 1))
        .toList();
  }

  private static void requirePositive(String what, int value) {
    if (value < 1 || value > MAX_NUMBER) {
      throw new IllegalArgumentException(
          what + " must be between 1 and " + MAX_NUMBER + ", not " + value);
    }
  }
}
