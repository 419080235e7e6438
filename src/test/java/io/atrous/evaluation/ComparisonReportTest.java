package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.atrous.evaluation.ComparisonReport.Difference;
import io.atrous.evaluation.Evaluation.Compared;
import io.atrous.inference.EngineProfile;
import io.atrous.mask.Mask;
import io.atrous.model.ModelFile;
import org.junit.jupiter.api.Test;

class ComparisonReportTest {

  private static final ModelFile STREET = ModelFile.shipped();
  private static final int PIXELS = 100;

  /** Frames half of class 0 and half of class 1, of which so many pixels are taken for class 0. */
  private static Evaluation evaluation(int... wrong) {
    Evaluation evaluation =
        new Evaluation(STREET, new EngineProfile("cpu", "fp32", 1, 1, 1), new TestProtocol.Whole());
    for (int frame = 0; frame < wrong.length; frame++) {
      byte[] truth = new byte[PIXELS];
      byte[] labels = new byte[PIXELS];
      for (int i = 0; i < PIXELS; i++) {
        truth[i] = (byte) (i < PIXELS / 2 ? 0 : 1);
        labels[i] = (byte) (i < PIXELS / 2 + wrong[frame] ? 0 : 1);
      }
      Mask mask = new Mask(PIXELS, 1, truth);
      evaluation.add(
          "frame " + frame,
          Compared.of(
              new Observation(0, 0, mask, new Mask(PIXELS, 1, labels), mask),
              STREET.spec().classes().size()));
    }
    return evaluation;
  }

  @Test
  void saysHowMuchTheFirstModelGainsAndHowSureThatIs() {
    Evaluation good = evaluation(2, 3, 1, 2, 4, 2, 3, 1);
    Evaluation bad = evaluation(20, 22, 19, 21, 25, 20, 18, 20);

    ComparisonReport report = ComparisonReport.of(good, bad, 7);

    Difference road = report.classes().get(0);
    assertThat(road.name()).isEqualTo("road");
    assertThat(road.model()).isEqualTo(EvaluationReport.rounded(400.0 / 418));
    assertThat(road.other()).isEqualTo(EvaluationReport.rounded(400.0 / 565));
    assertThat(road.difference()).isEqualTo(EvaluationReport.rounded(400.0 / 418 - 400.0 / 565));
    assertThat(road.low()).isPositive().isLessThan(road.difference());
    assertThat(road.high()).isGreaterThan(road.difference()).isLessThan(0.5);
    assertThat(road.isClear()).isTrue();
    assertThat(report.mean().isClear()).isTrue();
    assertThat(ComparisonReport.of(bad, good, 7).mean().high()).isNegative();
    assertThat(EvaluationTable.of(report)).contains("road", "better", "absent");
  }

  @Test
  void isNotClearWhereImagesContradictEachOther() {
    ComparisonReport report =
        ComparisonReport.of(evaluation(1, 30, 2, 28, 3), evaluation(28, 2, 30, 1, 4), 7);

    assertThat(report.mean().low()).isNegative();
    assertThat(report.mean().high()).isPositive();
    assertThat(report.mean().isClear()).isFalse();
  }

  @Test
  void hasNoDifferenceForAnAbsentClass() {
    ComparisonReport report = ComparisonReport.of(evaluation(1, 2), evaluation(2, 3), 7);

    Difference person = report.classes().get(6);
    assertThat(person.model()).isNull();
    assertThat(person.difference()).isNull();
    assertThat(person.low()).isNull();
    assertThat(person.isClear()).isFalse();
  }

  @Test
  void drawsTheSameImagesForTheSameSeed() {
    Evaluation first = evaluation(1, 5, 9, 2, 17, 3, 30, 11, 6, 23);
    Evaluation second = evaluation(3, 4, 1, 8, 12, 7, 21, 19, 2, 5);

    assertThat(ComparisonReport.of(first, second, 7))
        .isEqualTo(ComparisonReport.of(first, second, 7));
    assertThat(ComparisonReport.of(first, second, 7).mean())
        .isNotEqualTo(ComparisonReport.of(first, second, 8).mean());
  }

  @Test
  void refusesOtherFrames() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ComparisonReport.of(evaluation(1, 2), evaluation(1), 7));
  }
}
