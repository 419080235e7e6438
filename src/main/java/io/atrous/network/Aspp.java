package io.atrous.network;

import io.atrous.model.NetworkSpec.AsppSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Atrous spatial pyramid pooling with image pooling (Chen et al., "Rethinking Atrous Convolution
 * for Semantic Image Segmentation", 2017).
 *
 * <p><b>Threading:</b> immutable.
 */
final class Aspp {

  private final AsppSpec spec;
  private final int inChannels;
  private final boolean alignCorners;

  Aspp(AsppSpec spec, int inChannels, boolean alignCorners) {
    this.spec = spec;
    this.inChannels = inChannels;
    this.alignCorners = alignCorners;
  }

  /**
   * Joins what every branch sees.
   *
   * @param features [N, inChannels, h, w]
   * @return [N, channels, h, w]
   */
  <T> T pool(Operations<T> operations, T features) {
    List<T> branches = new ArrayList<>();
    for (int i = 0; i < spec.rates().size(); i++) {
      int rate = spec.rates().get(i);
      String name = "aspp" + (i + 1);
      branches.add(
          operations.convolution(
              new ConvUnit(
                  name + ".atrous_convolution",
                  name + ".bn",
                  inChannels,
                  spec.channels(),
                  rate == 1 ? 1 : 3,
                  1,
                  rate,
                  false,
                  true),
              features));
    }
    T pooled =
        operations.convolution(
            ConvUnit.pointwise(
                "global_avg_pool.1", "global_avg_pool.2", inChannels, spec.channels()),
            operations.globalAveragePool(features));
    branches.add(operations.resize(pooled, features, alignCorners));
    T x =
        operations.convolution(
            ConvUnit.pointwise("conv1", "bn1", spec.channels() * branches.size(), spec.channels()),
            operations.concat(branches));
    x = operations.dropout(x);
    for (int i = 0; i < spec.refinements(); i++) {
      x =
          operations.convolution(
              ConvUnit.threeByThree(
                  "aspp_refinement." + 3 * i,
                  "aspp_refinement." + (3 * i + 1),
                  spec.channels(),
                  spec.channels(),
                  1),
              x);
    }
    return x;
  }
}
