package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.atrous.mask.Mask;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {

  private static Mask mask(int... labels) {
    byte[] values = new byte[labels.length];
    for (int i = 0; i < labels.length; i++) {
      values[i] = (byte) labels[i];
    }
    return new Mask(labels.length, 1, values);
  }

  @Test
  void dividesTheIntersectionByTheUnion() {
    ConfusionMatrix matrix = new ConfusionMatrix(2);

    matrix.add(mask(0, 0, 0, 1, 1), mask(0, 0, 1, 1, 0));

    assertThat(matrix.intersectionOverUnion(0)).hasValue(2 / 4.0);
    assertThat(matrix.intersectionOverUnion(1)).hasValue(1 / 3.0);
    assertThat(matrix.meanIntersectionOverUnion()).isCloseTo(5 / 12.0, within(1e-12));
    assertThat(matrix.pixelAccuracy()).isCloseTo(3 / 5.0, within(1e-12));
  }

  /** Long and others, 2015, 5: n_ij pixels of class i taken for j, t_i of class i. */
  @Test
  void hasTheFiguresOfAWorkedExample() {
    ConfusionMatrix matrix = new ConfusionMatrix(3);

    // Truth: four of 0, three of 1, none of 2.
    matrix.add(mask(0, 0, 0, 0, 1, 1, 1), mask(0, 0, 0, 1, 1, 1, 2));

    assertThat(matrix.truthPixels(0)).isEqualTo(4);
    assertThat(matrix.predictedPixels(1)).isEqualTo(3);
    assertThat(matrix.precision(0)).hasValue(1);
    assertThat(matrix.recall(0)).hasValue(3 / 4.0);
    assertThat(matrix.precision(1)).hasValue(2 / 3.0);
    assertThat(matrix.precision(2)).hasValue(0);
    assertThat(matrix.recall(2)).isEmpty();
    assertThat(matrix.meanIntersectionOverUnion())
        .isCloseTo((3 / 4.0 + 2 / 4.0 + 0) / 3, within(1e-12));
    assertThat(matrix.frequencyWeightedIntersectionOverUnion())
        .isCloseTo((4 * 3 / 4.0 + 3 * 2 / 4.0) / 7, within(1e-12));
    assertThat(matrix.pixelAccuracy()).isCloseTo(5 / 7.0, within(1e-12));
  }

  @Test
  void addsUpMatrices() {
    ConfusionMatrix matrix = new ConfusionMatrix(2);
    matrix.add(mask(0, 1), mask(0, 0));
    ConfusionMatrix other = new ConfusionMatrix(2);
    other.add(mask(1, 255), mask(1, 1));

    matrix.add(other);

    assertThat(matrix.pixels()).isEqualTo(3);
    assertThat(matrix.count(1, 1)).isEqualTo(1);
    assertThatIllegalArgumentException().isThrownBy(() -> matrix.add(new ConfusionMatrix(3)));
  }

  @Test
  void neverDividesByNothing() {
    ConfusionMatrix matrix = new ConfusionMatrix(2);

    assertThat(matrix.meanIntersectionOverUnion()).isZero();
    assertThat(matrix.pixelAccuracy()).isZero();
    assertThat(matrix.frequencyWeightedIntersectionOverUnion()).isZero();
    assertThat(matrix.precision(1)).isEmpty();
  }

  @Test
  void sumsOverTheWholeSetBeforeItDivides() {
    ConfusionMatrix matrix = new ConfusionMatrix(2);

    matrix.add(mask(0, 0, 0), mask(0, 0, 0));
    matrix.add(mask(1, 1), mask(0, 1));

    // Class 0: 3 of 4; class 1: 1 of 2. The mean of the images' means would be 0.625 as well as 1.
    assertThat(matrix.meanIntersectionOverUnion())
        .isCloseTo((3 / 4.0 + 1 / 2.0) / 2, within(1e-12));
  }

  @Test
  void leavesOutClassesThatAreNeitherThereNorSeen() {
    ConfusionMatrix matrix = new ConfusionMatrix(5);

    matrix.add(mask(0, 0, 1), mask(0, 0, 3));

    // 0 is right, 1 was missed, 3 was made up; 2 and 4 don't count.
    assertThat(matrix.intersectionOverUnion(2)).isEmpty();
    assertThat(matrix.meanIntersectionOverUnion()).isCloseTo(1 / 3.0, within(1e-12));
  }

  @Test
  void doesNotCountIgnoredPixelsWhateverIsSeenThere() {
    ConfusionMatrix matrix = new ConfusionMatrix(2);

    matrix.add(mask(0, 255, 255), mask(0, 1, 255));

    assertThat(matrix.count(0, 0)).isEqualTo(1);
    assertThat(matrix.meanIntersectionOverUnion()).isEqualTo(1);
  }

  @Test
  void refusesMasksOfDifferentSizesAndUnknownClasses() {
    ConfusionMatrix matrix = new ConfusionMatrix(2);

    assertThatIllegalArgumentException().isThrownBy(() -> matrix.add(mask(0), mask(0, 0)));
    assertThatIllegalArgumentException().isThrownBy(() -> matrix.add(mask(2), mask(0)));
    assertThatIllegalArgumentException().isThrownBy(() -> matrix.add(mask(0), mask(2)));
  }
}
