package io.atrous.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HashedWeightsTest {

  private static final HashedWeights WEIGHTS =
      new HashedWeights(
          Map.of(
              "conv1.weight", List.of(64, 3, 7, 7),
              "encoder.layer1.0.bn1.weight", List.of(2),
              "encoder.layer1.0.bn2.weight", List.of(2),
              "encoder.layer1.0.bn2.running_var", List.of(2),
              "encoder.layer1.0.bn2.running_mean", List.of(2),
              "layer9.bn2.weight", List.of(2),
              "classifier.bias", List.of(2)));

  /** The right-hand sides are what hashed_weights.py gives. */
  @Test
  void areThoseOfPythonToTheLastBit() {
    assertThat(WEIGHTS.tensor("classifier.bias")).containsExactly(-0.117025554f, 0.24144611f);
    assertThat(HashedWeights.image(List.of(1, 1, 1, 2))).containsExactly(0.17593312f, -0.4839959f);
    assertThat(WEIGHTS.checksum()).isEqualTo(0x82930809L);
  }

  @Test
  void keepTheScaleOfActivations() {
    float[] kernel = WEIGHTS.tensor("conv1.weight");

    // fanIn = 147, so k = (7 - 1) >> 1 = 3.
    assertThat(kernel).hasSize(64 * 147);
    double square = 0;
    double sum = 0;
    for (float value : kernel) {
      assertThat(value).isBetween(-0.125f, 0.125f);
      sum += value;
      square += value * value;
    }
    assertThat(sum / kernel.length).isBetween(-0.003, 0.003);
    assertThat(square / kernel.length).isBetween(0.98 / (3 * 64), 1.02 / (3 * 64));
  }

  @Test
  void onlyTheLastNormOfABlockIsDamped() {
    assertBetween("encoder.layer1.0.bn1.weight", 0.75f, 1.25f);
    assertBetween("encoder.layer1.0.bn2.weight", 0.22f, 0.38f);
    assertBetween("encoder.layer1.0.bn2.running_var", 0.5f, 1.5f);
    assertBetween("encoder.layer1.0.bn2.running_mean", -0.25f, 0.25f);
    assertBetween("layer9.bn2.weight", 0.75f, 1.25f);
  }

  private static void assertBetween(String name, float low, float high) {
    for (float value : WEIGHTS.tensor(name)) {
      assertThat(value).as(name).isBetween(low, high);
    }
  }
}
