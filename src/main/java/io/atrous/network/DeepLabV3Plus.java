package io.atrous.network;

import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.DecoderSpec;

/**
 * DeepLabv3+ (Chen et al., "Encoder-Decoder with Atrous Separable Convolution for Semantic Image
 * Segmentation", 2018) over a dilated ResNet: the one description of the network. Every backend
 * interprets it through {@link Operations}.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class DeepLabV3Plus {

  private final NetworkSpec spec;
  private final ResNet backbone;
  private final Aspp aspp;

  public DeepLabV3Plus(NetworkSpec spec) {
    this.spec = spec;
    this.backbone = new ResNet(spec);
    this.aspp = new Aspp(spec.aspp(), backbone.outChannels(), spec.alignCorners());
  }

  public NetworkSpec spec() {
    return spec;
  }

  /**
   * The logits at the image's size.
   *
   * @param image [N, inputChannels, H, W], normalised
   * @return [N, classes, H, W]
   */
  public <T> T logits(Operations<T> operations, T image) {
    return operations.resize(coarseLogits(operations, image), image, spec.alignCorners());
  }

  /**
   * The logits before the last upsampling.
   *
   * @param image [N, inputChannels, H, W], normalised
   * @return [N, classes, ⌈H/4⌉, ⌈W/4⌉]; without a decoder at the output stride
   */
  public <T> T coarseLogits(Operations<T> operations, T image) {
    ResNet.Features<T> features = backbone.features(operations, image);
    T context = aspp.pool(operations, features.high());
    DecoderSpec decoder = spec.decoder();
    T decoded;
    int channels;
    if (decoder == null) {
      decoded = context;
      channels = spec.aspp().channels();
    } else {
      decoded =
          new Decoder(decoder, spec.aspp().channels(), backbone.lowChannels(), spec.alignCorners())
              .refine(operations, context, features.low());
      channels = decoder.channels();
    }
    return operations.convolution(
        ConvUnit.plain("last_conv." + classifierIndex(), channels, spec.classes()), decoded);
  }

  /** The classifier follows the decoder's convolutions, each of which is three modules. */
  private int classifierIndex() {
    return spec.decoder() == null ? 0 : 3 * spec.decoder().convolutions();
  }
}
