package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class BatchSizeLimitTest {

  @Test
  void staysFromOneToItsMaximumWhateverFitsAndWhateverDoesNot() {
    Random random = new Random(5);
    for (int maximum = 1; maximum <= 20; maximum++) {
      BatchSizeLimit limit = new BatchSizeLimit(maximum);
      for (int i = 0; i < 5_000; i++) {
        int size = 1 + random.nextInt(limit.get());
        if (random.nextInt(200) == 0) {
          limit.exceeded(size);
        } else {
          limit.fit(size);
        }
        assertThat(limit.get()).isBetween(1, maximum);
      }
    }
  }

  @Test
  void isAtMostHalfOfABatchThatDidNotFitRoundedUp() {
    for (int size = 1; size <= 20; size++) {
      BatchSizeLimit limit = new BatchSizeLimit(20);

      limit.exceeded(size);

      assertThat(limit.get()).isEqualTo((size + 1) / 2);
    }
  }

  @Test
  void isHalvedOnceWhenTwoLanesMeetTheSameShortage() {
    BatchSizeLimit limit = new BatchSizeLimit(8);

    limit.exceeded(8);
    limit.exceeded(8);

    assertThat(limit.get()).isEqualTo(4);
  }

  @Test
  void growsByOneAfterAsManyFullBatchesAsItTakes() {
    BatchSizeLimit limit = new BatchSizeLimit(8);
    limit.exceeded(4);

    for (int expected = 2; expected <= 8; expected++) {
      assertThat(limit.get()).isEqualTo(expected);
      for (int i = 0; i < BatchSizeLimit.FITS_TO_GROW; i++) {
        assertThat(limit.get()).isEqualTo(expected);
        limit.fit(expected);
      }
    }
    assertThat(limit.get()).isEqualTo(8);
  }

  @Test
  void learnsNothingFromBatchesThatAreSmallerThanItAllows() {
    BatchSizeLimit limit = new BatchSizeLimit(8);
    limit.exceeded(8);

    for (int i = 0; i < 10 * BatchSizeLimit.FITS_TO_GROW; i++) {
      limit.fit(3);
    }

    assertThat(limit.get()).isEqualTo(4);
  }

  @Test
  void countsFromTheStartAfterABatchThatDidNotFit() {
    BatchSizeLimit limit = new BatchSizeLimit(8);
    limit.exceeded(8);
    for (int i = 1; i < BatchSizeLimit.FITS_TO_GROW; i++) {
      limit.fit(4);
    }
    limit.exceeded(4);

    limit.fit(2);

    assertThat(limit.get()).isEqualTo(2);
  }
}
