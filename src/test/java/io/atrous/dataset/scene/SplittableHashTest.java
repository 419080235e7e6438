package io.atrous.dataset.scene;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SplittableHashTest {

  @Test
  void answersTheSameQuestionAlwaysAlike() {
    SplittableHash hash = SplittableHash.of(Split.TEST, 7, 11);
    double before = hash.uniform("width", 0, 1);

    hash.uniform("height", 0, 1);

    assertThat(SplittableHash.of(Split.TEST, 7, 11).uniform("width", 0, 1)).isEqualTo(before);
  }

  @Test
  void givesEveryTripleOfSplitSeedAndIndexItsOwnKey() {
    Set<Long> keys = new HashSet<>();
    int triples = 0;
    for (Split split : Split.values()) {
      for (long seed = -2; seed <= 2; seed++) {
        for (long index = 0; index < 5000; index++, triples++) {
          keys.add(SplittableHash.of(split, seed, index).key());
        }
      }
    }

    assertThat(keys).hasSize(triples);
  }

  @Test
  void isUniformInEachTenth() {
    SplittableHash hash = SplittableHash.of(3);
    int[] tenths = new int[10];
    for (int i = 0; i < 10_000; i++) {
      tenths[(int) (10 * hash.child(i).uniform())]++;
    }

    // 1000 ± 6 standard deviations of √(10000 · 0.1 · 0.9) = 30.
    for (int count : tenths) {
      assertThat(count).isBetween(820, 1180);
    }
  }
}
