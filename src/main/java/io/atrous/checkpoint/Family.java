package io.atrous.checkpoint;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A project whose checkpoints can be imported, told from others by the names of its tensors.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class Family {

  private static final List<Family> ALL =
      List.of(
          // An early jfzhang95/pytorch-deeplab-xception: its doc/deeplab_resnet.py.
          new Family("seed", "aspp1.", Layout.SEED, Conventions.SEED),
          new Family("jfzhang95", "aspp.aspp1.", Layout.JFZHANG95, Conventions.JFZHANG95),
          // VainF/DeepLabV3Plus-Pytorch.
          new Family("vainf", "classifier.aspp.", Layout.VAINF, Conventions.VAINF),
          new Family(
              "vainf-deeplabv3",
              "classifier.classifier.0.convs.",
              Layout.VAINF_DEEPLABV3,
              Conventions.VAINF),
          // segmentation_models.pytorch.
          new Family("smp", "decoder.aspp.0.", Layout.SMP, Conventions.SMP, "classification_head."),
          new Family(
              "smp-deeplabv3",
              "decoder.aspp.convs.",
              Layout.SMP_DEEPLABV3,
              Conventions.SMP_DEEPLABV3,
              "classification_head."),
          new Family(
              "torchvision-deeplabv3",
              "classifier.0.convs.",
              Layout.TORCHVISION_DEEPLABV3,
              Conventions.TORCHVISION,
              "aux_classifier."),
          // Its heads can't be had: batch norm and ReLU stand between depthwise and pointwise.
          new Family(
              "mmsegmentation",
              "decode_head.",
              new Layout("backbone.", null),
              Conventions.MMSEGMENTATION,
              "decode_head.",
              "auxiliary_head.",
              "neck."),
          // What torchvision trained on ImageNet; the seed starts from one, so as the seed.
          new Family(
              "torchvision-resnet",
              "layer1.0.conv1.",
              new Layout("", null),
              Conventions.SEED,
              "fc."));

  private final String label;
  private final String landmark;
  private final Layout layout;
  private final Conventions conventions;
  private final List<String> dropped;

  /**
   * A family.
   *
   * @param landmark the prefix of a tensor's name that only its checkpoints have
   * @param dropped the prefixes of the names of tensors that no segmentation needs
   */
  private Family(
      String label, String landmark, Layout layout, Conventions conventions, String... dropped) {
    this.label = label;
    this.landmark = landmark;
    this.layout = layout;
    this.conventions = conventions;
    this.dropped = List.of(dropped);
  }

  /**
   * The family of a checkpoint.
   *
   * @throws io.atrous.model.ModelFileException if it is of none
   */
  static Family of(Inventory tensors) {
    return ALL.stream()
        .filter(family -> !tensors.under(family.landmark).isEmpty())
        .findFirst()
        .orElseThrow(() -> tensors.refused(strangeness(tensors.under(""))));
  }

  private static String strangeness(List<String> names) {
    return UnsupportedEncoder.recognize(names)
        .map(encoder -> "it is of kind " + encoder + "; " + UnsupportedEncoder.SUPPORTED)
        .orElseGet(
            () ->
                names.stream()
                        .limit(3)
                        .collect(Collectors.joining(", ", "no family calls its tensors ", " …"))
                    + "; known are "
                    + ALL.stream().map(Family::label).collect(Collectors.joining(", "))
                    + "; others can be served as TorchScript (docs/models.md)");
  }

  /** Returns the name of the family in reports. */
  public String label() {
    return label;
  }

  Layout layout() {
    return layout;
  }

  Conventions conventions() {
    return conventions;
  }

  /** Returns whether a tensor is of no use to any segmentation. */
  boolean drops(String name) {
    return name.endsWith("num_batches_tracked") || dropped.stream().anyMatch(name::startsWith);
  }
}
