package io.atrous.checkpoint;

import io.atrous.checkpoint.Head.Part;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.AsppSpec;
import io.atrous.model.NetworkSpec.DecoderSpec;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a network off the shapes of a checkpoint's tensors and its family's conventions. */
final class Structure {

  /** What the seed has, for what starts fresh; the classes are those of VOC 2012. */
  private static final int ASPP_CHANNELS = 256;

  private static final int LOW_LEVEL_CHANNELS = 48;
  private static final int DECODER_CONVOLUTIONS = 2;
  private static final int CLASSES = 21;

  private static final int COLOUR_CHANNELS = 3;

  private final Inventory tensors;
  private final Family family;
  private final ImportOptions options;

  /** The checkpoint's head, where its decoder and classifier are used. */
  private final @Nullable Head kept;

  Structure(Inventory tensors, Family family, ImportOptions options) {
    this.tensors = tensors;
    this.family = family;
    this.options = options;
    this.kept = options.freshDecoder() ? null : family.layout().head();
  }

  /**
   * The network that the tensors make up.
   *
   * @throws io.atrous.model.ModelFileException if they make up none
   */
  NetworkSpec network() {
    Backbone backbone = Backbone.of(tensors, family.layout().backbone());
    if (backbone.inputChannels() != COLOUR_CHANNELS) {
      throw tensors.refused(
          "it takes images of " + backbone.inputChannels() + " channels; cameras give three");
    }
    try {
      AsppSpec aspp = aspp();
      return new NetworkSpec(
          backbone.inputChannels(),
          classes(),
          backbone.stem(),
          backbone.block(),
          backbone.width(),
          family.conventions().stages(backbone.blocks(), outputStride()),
          aspp,
          decoder(aspp.channels()),
          family.conventions().alignCorners());
    } catch (IllegalArgumentException e) {
      throw tensors.refused(String.valueOf(e.getMessage()));
    }
  }

  /** Returns whether the checkpoint's own decoder and classifier are used. */
  boolean keepsDecoder() {
    return kept != null;
  }

  private int outputStride() {
    Integer given = options.outputStride();
    return given == null ? family.conventions().outputStride() : given;
  }

  private AsppSpec aspp() {
    List<Integer> given = options.asppRates();
    List<Integer> dilated = given == null ? family.conventions().rates(outputStride()) : given;
    Head head = family.layout().head();
    return new AsppSpec(
        Stream.concat(Stream.of(1), dilated.stream()).toList(),
        head == null ? ASPP_CHANNELS : tensors.outChannels(head.branches().get(0).convolution()),
        kept == null ? 0 : kept.refinements().size());
  }

  private @Nullable DecoderSpec decoder(int asppChannels) {
    if (kept == null) {
      return new DecoderSpec(LOW_LEVEL_CHANNELS, asppChannels, DECODER_CONVOLUTIONS);
    }
    Part lowLevel = kept.lowLevel();
    return lowLevel == null
        ? null
        : new DecoderSpec(
            tensors.outChannels(lowLevel.convolution()),
            tensors.outChannels(kept.decoder().get(0).convolution()),
            kept.decoder().size());
  }

  private int classes() {
    Integer named = options.classes();
    if (kept == null) {
      return named == null ? CLASSES : named;
    }
    int logits = tensors.outChannels(kept.classifier());
    // One logit is a sigmoid's: of two classes, the first has none.
    int classes = Math.max(2, logits);
    if (named != null && named != classes) {
      throw tensors.refused(
          logits == 1
              ? "its one logit decides between two classes, and " + named + " are named"
              : "it has " + logits + " classes, and " + named + " are named");
    }
    return classes;
  }
}
