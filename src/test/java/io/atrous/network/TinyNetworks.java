package io.atrous.network;

import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.AsppSpec;
import io.atrous.model.NetworkSpec.BlockSpec;
import io.atrous.model.NetworkSpec.BlockType;
import io.atrous.model.NetworkSpec.StemType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** Networks small enough for plain loops, which together use every choice a specification has. */
final class TinyNetworks {

  private TinyNetworks() {}

  static NetworkSpec bottlenecks(int outputStride) {
    return NetworkSpec.deepLabV3Plus(List.of(1, 2, 2, 3), 4, outputStride, 8, 5);
  }

  static Stream<NetworkSpec> all() {
    NetworkSpec fine = bottlenecks(8);
    NetworkSpec halfPixels = fine.withAlignCorners(false);
    NetworkSpec basicWithoutDecoder =
        new NetworkSpec(
            4,
            2,
            StemType.DEEP,
            BlockType.BASIC,
            4,
            List.of(
                List.of(new BlockSpec(1, 1), new BlockSpec(1, 1)),
                List.of(new BlockSpec(2, 1)),
                List.of(new BlockSpec(2, 1)),
                List.of(new BlockSpec(1, 2), new BlockSpec(1, 4))),
            new AsppSpec(List.of(1, 3), 6, 1),
            null,
            false);
    return Stream.of(bottlenecks(16), fine, halfPixels, basicWithoutDecoder);
  }

  /** Weights as a trained network might have: no batch norm is the identity. */
  static Map<String, float[]> weights(NetworkSpec spec, long seed) {
    Random random = new Random(seed);
    Map<String, float[]> weights = new LinkedHashMap<>();
    for (ParameterSpec parameter : CostModel.parametersOf(spec)) {
      float[] values = new float[(int) parameter.count()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (parameter.role()) {
              case WEIGHT ->
                  (float)
                      (random.nextGaussian()
                          * Math.sqrt(2.0 * parameter.shape().get(0) / values.length));
              case BIAS, NORM_SHIFT, RUNNING_MEAN -> (float) random.nextGaussian() / 4;
              case NORM_SCALE, RUNNING_VARIANCE -> 0.5f + random.nextFloat();
            };
      }
      weights.put(parameter.name(), values);
    }
    return weights;
  }
}
