package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunsTest {

  private final Random random = new Random(61);

  @Test
  void findsEveryBeginWhereverTheRangeLies() {
    for (int round = 0; round < 5_000; round++) {
      byte[] values = values();
      int from = random.nextInt(values.length);
      int limit = from + 1 + random.nextInt(values.length - from);
      int[] begins = new int[3 + limit - from];

      int count = Runs.begins(values, from, limit, begins, 3);

      List<Integer> expected = new ArrayList<>(List.of(from));
      for (int at = from + 1; at < limit; at++) {
        if (values[at] != values[at - 1]) {
          expected.add(at);
        }
      }
      assertThat(IntStream.of(begins).limit(count).skip(3).boxed().toList()).isEqualTo(expected);
      assertThat(Runs.end(values, from, limit))
          .isEqualTo(expected.size() > 1 ? expected.get(1) : limit);
    }
  }

  @Test
  void fillsTheRangeAndNothingBesideIt() {
    for (int round = 0; round < 5_000; round++) {
      byte[] values = values();
      int from = random.nextInt(values.length + 1);
      int limit = from + random.nextInt(values.length + 1 - from);
      byte value = (byte) random.nextInt(256);
      byte[] expected = values.clone();
      for (int at = from; at < limit; at++) {
        expected[at] = value;
      }

      Runs.fill(values, from, limit, value);

      assertThat(values).isEqualTo(expected);
    }
  }

  private byte[] values() {
    return Masks.noise(1 + random.nextInt(70), 1, 1 + random.nextInt(3), random).values();
  }
}
