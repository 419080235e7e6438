package io.atrous.checkpoint;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Encoders that are no ResNets, recognised by their tensors so that they can be refused by name.
 */
final class UnsupportedEncoder {

  static final String SUPPORTED =
      "ResNet-18, 34, 50, 101 and 152 can be imported, others served as TorchScript"
          + " (docs/models.md)";

  private record Trait(Pattern names, String encoder) {}

  /** From what is most peculiar to what others may have too. */
  private static final List<Trait> TRAITS =
      List.of(
          trait("model\\.", "timm (MobileNet, EfficientNet and many more)"),
          trait("block\\d+\\.rep\\.", "Xception"),
          trait("(features\\.)?denseblock\\d\\.", "DenseNet"),
          trait("transition\\d\\.\\d|stage\\d\\.\\d\\.branches\\.", "HRNet"),
          trait("layer\\d\\.\\d+\\.(conv2\\.fc1|convs)\\.", "ResNeSt or Res2Net"),
          trait("layer[5-8]\\.", "DRN"),
          trait("layer0\\.|layer\\d\\.\\d+\\.se(_module)?\\.", "SENet"),
          trait("class_token|patch_embed", "vision transformer"),
          trait("features\\.\\d+\\.\\d+\\.layer_scale", "ConvNeXt"),
          trait("_?(conv_stem|blocks)\\.", "EfficientNet"),
          trait("features\\.\\d+\\.\\d+\\.block\\.", "EfficientNet"),
          trait("(.*features\\.|backbone\\.)?\\d+\\.(conv|block)\\.", "MobileNet"));

  private UnsupportedEncoder() {}

  /**
   * What an encoder is called.
   *
   * @param names the names of its tensors, without what stands before all of them
   */
  static Optional<String> recognize(Collection<String> names) {
    return TRAITS.stream()
        .filter(trait -> names.stream().anyMatch(name -> trait.names().matcher(name).lookingAt()))
        .map(Trait::encoder)
        .findFirst();
  }

  private static Trait trait(String names, String encoder) {
    return new Trait(Pattern.compile(names), encoder);
  }
}
