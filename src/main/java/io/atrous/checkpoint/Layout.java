package io.atrous.checkpoint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a project calls the parts of the network.
 *
 * @param backbone what stands before the names of a ResNet: {@code conv1}, {@code layer1.0.bn1} …
 * @param head the rest of the network, or null if it is none of ours
 */
record Layout(String backbone, @Nullable Head head) {

  /** A convolution and the batch norm after it. */
  record Part(String convolution, String norm) {

    /** Modules of a sequence, by their places there. */
    static Part at(String sequence, int convolution, int norm) {
      return new Part(sequence + "." + convolution, sequence + "." + norm);
    }
  }

  /**
   * What follows the backbone.
   *
   * @param branches of the ASPP, the 1×1 convolution first
   * @param imagePool the ASPP's pooled branch
   * @param projection of the branches' concatenation
   * @param refinements convolutions after the projection
   * @param lowLevel the decoder's reduction of low-level features, or null without a decoder
   * @param decoder the decoder's 3×3 convolutions
   * @param lowLevelFirst whether the decoder's first convolution takes the low-level features
   *     before the context; the network takes them after it
   * @param classifier the last convolution
   */
  record Head(
      List<Part> branches,
      Part imagePool,
      Part projection,
      List<Part> refinements,
      @Nullable Part lowLevel,
      List<Part> decoder,
      boolean lowLevelFirst,
      String classifier) {

    private List<Part> aspp() {
      return Stream.concat(branches.stream(), Stream.of(imagePool, projection)).toList();
    }

    private List<Part> afterAspp() {
      return Stream.of(refinements.stream(), Stream.ofNullable(lowLevel), decoder.stream())
          .flatMap(Function.identity())
          .toList();
    }
  }

  /**
   * The modules of the head: the file's names by the network's.
   *
   * @param decoder whether what follows the ASPP's projection is wanted too
   */
  Map<String, String> headModules(boolean decoder) {
    Map<String, String> modules = new HashMap<>();
    if (head != null) {
      Head canonical = canonical(head);
      put(modules, canonical.aspp(), head.aspp());
      if (decoder) {
        put(modules, canonical.afterAspp(), head.afterAspp());
        modules.put(canonical.classifier(), head.classifier());
      }
    }
    return modules;
  }

  /** The modules that follow the ASPP's projection, by the file's names. */
  List<String> modulesAfterAspp() {
    return head == null
        ? List.of()
        : Stream.concat(
                head.afterAspp().stream()
                    .flatMap(part -> Stream.of(part.convolution(), part.norm())),
                Stream.of(head.classifier()))
            .toList();
  }

  private static void put(Map<String, String> modules, List<Part> network, List<Part> file) {
    for (int i = 0; i < network.size(); i++) {
      modules.put(network.get(i).convolution(), file.get(i).convolution());
      modules.put(network.get(i).norm(), file.get(i).norm());
    }
  }

  /** As many parts as another head has, by the names that the network gives them: the seed's. */
  private static Head canonical(Head other) {
    return canonical(
        other.branches().size(),
        other.refinements().size(),
        other.lowLevel() != null,
        other.decoder().size());
  }

  private static Head canonical(int branches, int refinements, boolean lowLevel, int convolutions) {
    return new Head(
        IntStream.rangeClosed(1, branches)
            .mapToObj(i -> new Part("aspp" + i + ".atrous_convolution", "aspp" + i + ".bn"))
            .toList(),
        Part.at("global_avg_pool", 1, 2),
        new Part("conv1", "bn1"),
        triples("aspp_refinement", refinements),
        lowLevel ? new Part("conv2", "bn2") : null,
        triples("last_conv", convolutions),
        false,
        "last_conv." + 3 * convolutions);
  }

  private static List<Part> triples(String sequence, int count) {
    return IntStream.range(0, count).mapToObj(i -> Part.at(sequence, 3 * i, 3 * i + 1)).toList();
  }

  static final Layout SEED = new Layout("resnet_features.", canonical(4, 0, true, 2));

  static final Layout JFZHANG95 =
      new Layout(
          "backbone.",
          new Head(
              IntStream.rangeClosed(1, 4)
                  .mapToObj(i -> "aspp.aspp" + i)
                  .map(branch -> new Part(branch + ".atrous_conv", branch + ".bn"))
                  .toList(),
              Part.at("aspp.global_avg_pool", 1, 2),
              new Part("aspp.conv1", "aspp.bn1"),
              List.of(),
              new Part("decoder.conv1", "decoder.bn1"),
              List.of(Part.at("decoder.last_conv", 0, 1), Part.at("decoder.last_conv", 4, 5)),
              false,
              "decoder.last_conv.8"));

  static final Layout VAINF =
      torchvisionLike(
          "backbone.",
          "classifier.aspp",
          List.of(),
          Part.at("classifier.project", 0, 1),
          List.of(Part.at("classifier.classifier", 0, 1)),
          true,
          "classifier.classifier.3");

  static final Layout VAINF_DEEPLABV3 =
      torchvisionLike(
          "backbone.",
          "classifier.classifier.0",
          List.of(Part.at("classifier.classifier", 1, 2)),
          null,
          List.of(),
          false,
          "classifier.classifier.4");

  static final Layout SMP =
      torchvisionLike(
          "encoder.",
          "decoder.aspp.0",
          List.of(Part.at("decoder.aspp", 1, 2)),
          Part.at("decoder.block1", 0, 1),
          List.of(Part.at("decoder.block2", 0, 1)),
          false,
          "segmentation_head.0");

  static final Layout SMP_DEEPLABV3 =
      torchvisionLike(
          "encoder.",
          "decoder.aspp",
          List.of(new Part("decoder.conv", "decoder.bn")),
          null,
          List.of(),
          false,
          "segmentation_head.0");

  static final Layout TORCHVISION_DEEPLABV3 =
      torchvisionLike(
          "backbone.",
          "classifier.0",
          List.of(Part.at("classifier", 1, 2)),
          null,
          List.of(),
          false,
          "classifier.4");

  /** An ASPP as torchvision wrote it first: {@code convs.0} to {@code convs.4}, {@code project}. */
  private static Layout torchvisionLike(
      String backbone,
      String aspp,
      List<Part> refinements,
      @Nullable Part lowLevel,
      List<Part> decoder,
      boolean lowLevelFirst,
      String classifier) {
    return new Layout(
        backbone,
        new Head(
            IntStream.range(0, 4).mapToObj(i -> Part.at(aspp + ".convs." + i, 0, 1)).toList(),
            Part.at(aspp + ".convs.4", 1, 2),
            Part.at(aspp + ".project", 0, 1),
            refinements,
            lowLevel,
            decoder,
            lowLevelFirst,
            classifier));
  }
}
