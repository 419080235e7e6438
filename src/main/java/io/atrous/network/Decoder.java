package io.atrous.network;

import io.atrous.model.NetworkSpec.DecoderSpec;
import java.util.List;

/**
 * DeepLabv3+'s decoder: the context is brought to the low-level features' size and refined with
 * them.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Decoder {

  private final DecoderSpec spec;
  private final int contextChannels;
  private final int lowChannels;
  private final boolean alignCorners;

  Decoder(DecoderSpec spec, int contextChannels, int lowChannels, boolean alignCorners) {
    this.spec = spec;
    this.contextChannels = contextChannels;
    this.lowChannels = lowChannels;
    this.alignCorners = alignCorners;
  }

  /**
   * Sharpens the context with the detail of the low-level features.
   *
   * @param context [N, contextChannels, h, w]
   * @param low [N, lowChannels, H, W]
   * @return [N, channels, H, W]
   */
  <T> T refine(Operations<T> operations, T context, T low) {
    T reduced =
        operations.convolution(
            ConvUnit.pointwise("conv2", "bn2", lowChannels, spec.lowLevelChannels()), low);
    T x = operations.concat(List.of(operations.resize(context, low, alignCorners), reduced));
    int channels = contextChannels + spec.lowLevelChannels();
    for (int i = 0; i < spec.convolutions(); i++) {
      x =
          operations.convolution(
              ConvUnit.threeByThree(
                  "last_conv." + 3 * i, "last_conv." + (3 * i + 1), channels, spec.channels(), 1),
              x);
      channels = spec.channels();
    }
    return x;
  }
}
