package io.atrous.checkpoint;

import io.atrous.checkpoint.Head.Part;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a project calls the parts of the network.
 *
 * @param backbone what stands before the names of a ResNet: {@code conv1}, {@code layer1.0.bn1} …
 * @param head the rest of the network, or null if it is none of ours
 */
record Layout(String backbone, @Nullable Head head) {

  static final Layout SEED = new Layout("resnet_features.", Head.canonical(4, 0, true, 2));

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
