package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TrainingLengthTest {

  @Test
  void ofStepsIsOverAfterThem() {
    TrainingLength length = new TrainingLength.Steps(4);

    assertThat(length.done(0, 99)).isZero();
    assertThat(length.done(3, 99)).isEqualTo(0.75);
    assertThat(length.done(4, 99)).isEqualTo(1);
  }

  @Test
  void ofTimeIsOverAfterItHoweverManyStepsWereTaken() {
    TrainingLength length = new TrainingLength.Time(1000);

    assertThat(length.done(5000, 250)).isEqualTo(0.25);
    assertThat(length.done(1, 1001)).isEqualTo(1);
  }

  @Test
  void ofEpochsShowsEverySampleAsOftenOrMore() {
    assertThat(TrainingLength.Steps.ofEpochs(3, 10, 4)).isEqualTo(new TrainingLength.Steps(8));
    assertThat(TrainingLength.Steps.ofEpochs(1, 3, 8)).isEqualTo(new TrainingLength.Steps(1));
  }

  @Test
  void refusesNoLength() {
    assertThatIllegalArgumentException().isThrownBy(() -> new TrainingLength.Steps(0));
    assertThatIllegalArgumentException().isThrownBy(() -> new TrainingLength.Time(0));
  }
}
