package io.atrous.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.BlockSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What dilation is for ("Rethinking Atrous Convolution for Semantic Image Segmentation", section
 * 3.1): where a stage loses its stride and everything after it is dilated by as much, the backbone
 * computes the same features, and more of them between. It holds for any size, because the padding
 * grows with the dilation. The seed's own output stride 8 is another network, since its third stage
 * dilates only its first block; and image pooling is a mean over more pixels, so that logits
 * differ.
 */
class AtrousConsistencyTest {

  @ParameterizedTest
  @CsvSource({
    // The stage from which on strides become dilations: output stride 16, 8, 4.
    "3, 65, 97",
    "2, 65, 97",
    "1, 65, 97",
    "2, 50, 87",
  })
  void denseFeaturesSubsampledAreTheCoarseOnes(int firstDense, int height, int width) {
    NetworkSpec coarseSpec = strided();
    NetworkSpec denseSpec = dense(coarseSpec, firstDense);
    int step = 1 << (4 - firstDense);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray image =
          manager.create(
              HashedWeights.image(List.of(1, 3, height, width)), new Shape(1, 3, height, width));

      NDArray coarse = features(coarseSpec, image);
      NDArray dense = features(denseSpec, image);

      assertThat(dense.getShape().get(3)).isGreaterThan(coarse.getShape().get(3));
      NDArray subsampled = dense.get(":, :, ::%d, ::%d".formatted(step, step));
      assertThat(subsampled.getShape()).isEqualTo(coarse.getShape());
      float error = subsampled.sub(coarse).norm().getFloat() / coarse.norm().getFloat();
      assertThat(error).isLessThan(1e-6f);
    }
  }

  /** A classifier's backbone: each stage but the first halves the size, nothing is dilated. */
  private static NetworkSpec strided() {
    NetworkSpec seed = NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 5);
    BlockSpec plain = new BlockSpec(1, 1);
    BlockSpec halving = new BlockSpec(2, 1);
    return with(
        seed,
        List.of(
            List.of(plain, plain),
            List.of(halving, plain),
            List.of(halving, plain, plain),
            List.of(halving, plain)));
  }

  private static NetworkSpec dense(NetworkSpec strided, int firstDense) {
    List<List<BlockSpec>> stages = new ArrayList<>(strided.stages().subList(0, firstDense));
    int lost = 1;
    for (List<BlockSpec> stage : strided.stages().subList(firstDense, 4)) {
      List<BlockSpec> blocks = new ArrayList<>();
      for (BlockSpec block : stage) {
        blocks.add(new BlockSpec(1, lost * block.dilation()));
        lost *= block.stride();
      }
      stages.add(blocks);
    }
    return with(strided, stages);
  }

  private static NetworkSpec with(NetworkSpec spec, List<List<BlockSpec>> stages) {
    return new NetworkSpec(
        spec.inputChannels(),
        spec.classes(),
        spec.stem(),
        spec.block(),
        spec.baseWidth(),
        stages,
        spec.aspp(),
        spec.decoder(),
        spec.alignCorners());
  }

  private static NDArray features(NetworkSpec spec, NDArray image) {
    Map<String, NDArray> tensors = new HashMap<>();
    HashedWeights weights = HashedWeights.of(spec);
    for (ParameterSpec parameter : CostModel.parametersOf(spec)) {
      long[] shape = parameter.shape().stream().mapToLong(Integer::longValue).toArray();
      tensors.put(
          parameter.name(),
          image.getManager().create(weights.tensor(parameter.name()), new Shape(shape)));
    }
    return new ResNet(spec).features(new NdArrayOperations(tensors, null), image).high();
  }
}
