package io.atrous.checkpoint;

import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A project whose checkpoints can be imported, told from others by the names of its tensors.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class Family {

  /** Checkpoints that torchvision trained on ImageNet; the seed starts from one. */
  static final Family RESNET =
      new Family(
          "torchvision-resnet", "layer1.0.conv1.", new Layout("", null), Conventions.SEED, "fc.");

  /** The families, a backbone's last. */
  static final List<Family> ALL =
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
          RESNET);

  /** Batch norm's batches, and what thop leaves in every module. */
  private static final Set<String> COUNTERS =
      Set.of("num_batches_tracked", "total_ops", "total_params");

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

  /** Returns what stands before the names of each network of this family, at any depth. */
  Stream<String> prefixes(NavigableSet<String> names) {
    return names.stream()
        .flatMap(
            name ->
                beginnings(name)
                    .filter(at -> name.startsWith(landmark, at))
                    .mapToObj(at -> name.substring(0, at)))
        .distinct()
        .filter(prefix -> isAt(prefix, names));
  }

  /** Returns whether a network of this family has a prefix before its tensors' names. */
  boolean isAt(String prefix, NavigableSet<String> names) {
    return Located.hasUnder(names, prefix + landmark)
        && Located.hasUnder(names, prefix + layout.backbone());
  }

  /** Returns the places in a name at which a part of it begins. */
  private static IntStream beginnings(String name) {
    return IntStream.range(0, name.length()).filter(at -> at == 0 || name.charAt(at - 1) == '.');
  }

  /** Returns the name of the family in reports. */
  public String label() {
    return label;
  }

  /**
   * Returns whether segmentation_models.pytorch wrote it, which may say more beside its weights.
   */
  boolean isSmp() {
    return layout.equals(Layout.SMP) || layout.equals(Layout.SMP_DEEPLABV3);
  }

  Layout layout() {
    return layout;
  }

  Conventions conventions() {
    return conventions;
  }

  /** Returns whether a tensor is of no use to any segmentation. */
  boolean drops(String name) {
    return COUNTERS.contains(name.substring(name.lastIndexOf('.') + 1))
        || dropped.stream().anyMatch(name::startsWith);
  }
}
