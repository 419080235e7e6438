package io.atrous.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class BatchNormFoldingTest {

  private static final ConvUnit NORMED = new ConvUnit("conv", "bn", 5, 4, 3, 1, 1, false, false);

  @Test
  void aFoldedConvolutionGivesWhatConvolutionAndBatchNormGive() {
    Random random = new Random(1);
    Map<String, float[]> tensors = tensors(NORMED, random);
    FoldedConvolution folded = BatchNormFolding.fold(NORMED, reading(tensors));
    int fanIn = 5 * 3 * 3;
    for (int trial = 0; trial < 20; trial++) {
      double[] window = random.doubles(fanIn, -2, 2).toArray();
      for (int channel = 0; channel < 4; channel++) {
        double raw = dot(reading(tensors).apply("conv.weight"), channel, window);
        double normed =
            (raw - reading(tensors).apply("bn.running_mean")[channel])
                    / Math.sqrt(reading(tensors).apply("bn.running_var")[channel] + 1e-5)
                    * reading(tensors).apply("bn.weight")[channel]
                + reading(tensors).apply("bn.bias")[channel];

        assertThat(dot(folded.weight(), channel, window) + folded.bias()[channel])
            .isCloseTo(normed, within(1e-5 * (1 + Math.abs(normed))));
      }
    }
  }

  @Test
  void aBiasOfTheConvolutionGoesThroughTheBatchNorm() {
    ConvUnit unit = new ConvUnit("conv", "bn", 1, 1, 1, 1, 1, true, false);
    Map<String, float[]> tensors =
        Map.of(
            "conv.weight", new float[] {3},
            "conv.bias", new float[] {10},
            "bn.weight", new float[] {2},
            "bn.bias", new float[] {7},
            "bn.running_mean", new float[] {4},
            "bn.running_var", new float[] {0.25f - 1e-5f});

    FoldedConvolution folded = BatchNormFolding.fold(unit, reading(tensors));

    // (3x + 10 - 4) / 0.5 * 2 + 7
    assertThat(folded.weight()[0]).isCloseTo(12f, within(1e-5f));
    assertThat(folded.bias()[0]).isCloseTo(31f, within(1e-5f));
  }

  @Test
  void aConvolutionWithoutBatchNormStaysAsItIs() {
    ConvUnit unit = ConvUnit.plain("conv", 2, 1);
    Map<String, float[]> tensors =
        Map.of("conv.weight", new float[] {1, 2}, "conv.bias", new float[] {3});

    FoldedConvolution folded = BatchNormFolding.fold(unit, reading(tensors));

    assertThat(folded.weight()).containsExactly(1, 2);
    assertThat(folded.bias()).containsExactly(3);
  }

  @Test
  void leavesItsInputAlone() {
    Map<String, float[]> tensors = tensors(NORMED, new Random(2));
    Map<String, float[]> before = new HashMap<>();
    tensors.forEach((name, values) -> before.put(name, values.clone()));

    BatchNormFolding.fold(NORMED, reading(tensors));

    assertThat(tensors)
        .allSatisfy((name, values) -> assertThat(values).isEqualTo(before.get(name)));
  }

  @Test
  void refusesANegativeVariance() {
    Map<String, float[]> tensors = tensors(NORMED, new Random(3));
    reading(tensors).apply("bn.running_var")[2] = -1;

    assertThatThrownBy(() -> BatchNormFolding.fold(NORMED, reading(tensors)))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("bn")
        .hasMessageContaining("channel 2");
  }

  private static Function<String, float[]> reading(Map<String, float[]> tensors) {
    return name -> Objects.requireNonNull(tensors.get(name), name);
  }

  private static double dot(float[] weight, int channel, double[] window) {
    double sum = 0;
    for (int i = 0; i < window.length; i++) {
      sum += weight[channel * window.length + i] * window[i];
    }
    return sum;
  }

  private static Map<String, float[]> tensors(ConvUnit unit, Random random) {
    Map<String, float[]> tensors = new HashMap<>();
    for (ParameterSpec parameter : unit.parameters()) {
      float[] values = new float[(int) parameter.count()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            parameter.role() == ParameterSpec.Role.RUNNING_VARIANCE
                ? 0.1f + random.nextFloat()
                : (float) random.nextGaussian();
      }
      tensors.put(parameter.name(), values);
    }
    return tensors;
  }
}
