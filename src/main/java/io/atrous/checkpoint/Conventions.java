package io.atrous.checkpoint;

import io.atrous.model.NetworkSpec.BlockSpec;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a project's code decides and its checkpoints don't say: with other dilations, rates or
 * upsampling the weights fit as well, and the masks are wrong.
 *
 * <p>Dilations are those of a stage's blocks, the last for all blocks after it.
 *
 * @param coarse the dilations of the fourth stage at output stride 16
 * @param fineThird the dilations of the third stage at output stride 8
 * @param fine the dilations of the fourth stage at output stride 8
 * @param coarseRates the rates of the ASPP's dilated branches at output stride 16
 * @param fineRates the rates of the ASPP's dilated branches at output stride 8
 * @param alignCorners true if it upsamples with aligned corners
 * @param outputStride which one it takes unless told
 * @param inputSize the size of its input images, down and across, unless told
 */
record Conventions(
    List<Integer> coarse,
    List<Integer> fineThird,
    List<Integer> fine,
    List<Integer> coarseRates,
    List<Integer> fineRates,
    boolean alignCorners,
    int outputStride,
    int inputSize) {

  private static final List<Integer> NEAR = List.of(6, 12, 18);
  private static final List<Integer> FAR = List.of(12, 24, 36);
  private static final List<Integer> MULTI_GRID = List.of(2, 4, 8);

  /** At output stride 8 only the first block of the third stage is dilated. */
  static final Conventions SEED =
      new Conventions(MULTI_GRID, List.of(2, 1), List.of(2, 4, 2), NEAR, FAR, true, 16, 513);

  static final Conventions JFZHANG95 =
      new Conventions(MULTI_GRID, List.of(2), List.of(4, 8, 16), NEAR, FAR, true, 16, 513);

  /** torchvision's ResNet dilates the first block of a stage as the stage before. */
  static final Conventions VAINF =
      new Conventions(List.of(1, 2), List.of(1, 2), List.of(2, 4), NEAR, FAR, false, 16, 513);

  static final Conventions TORCHVISION =
      new Conventions(List.of(1, 2), List.of(1, 2), List.of(2, 4), NEAR, FAR, false, 8, 520);

  static final Conventions SMP =
      new Conventions(List.of(2), List.of(2), List.of(4), FAR, FAR, true, 16, 512);

  static final Conventions SMP_DEEPLABV3 =
      new Conventions(List.of(2), List.of(2), List.of(4), FAR, FAR, true, 8, 512);

  static final Conventions MMSEGMENTATION =
      new Conventions(List.of(1, 2, 4), List.of(1, 2), List.of(2, 4), NEAR, FAR, false, 8, 512);

  /** The four stages of a backbone. */
  List<List<BlockSpec>> stages(List<Integer> blocks, int outputStride) {
    boolean isFine = outputStride == 8;
    return List.of(
        stage(blocks.get(0), 1, List.of(1)),
        stage(blocks.get(1), 2, List.of(1)),
        stage(blocks.get(2), isFine ? 1 : 2, isFine ? fineThird : List.of(1)),
        stage(blocks.get(3), 1, isFine ? fine : coarse));
  }

  List<Integer> rates(int outputStride) {
    return outputStride == 8 ? fineRates : coarseRates;
  }

  private static List<BlockSpec> stage(int blocks, int stride, List<Integer> dilations) {
    return IntStream.range(0, blocks)
        .mapToObj(
            i ->
                new BlockSpec(
                    i == 0 ? stride : 1, dilations.get(Math.min(i, dilations.size() - 1))))
        .toList();
  }
}
