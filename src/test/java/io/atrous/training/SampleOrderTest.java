package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SampleOrderTest {

  private static List<SampleOrder.Sample> samples(SampleOrder order, long from, long to) {
    return LongStream.range(from, to).mapToObj(order::at).toList();
  }

  @Test
  void showsEveryImageOnceInAnEpoch() {
    SampleOrder order = new SampleOrder(1, 7);

    for (int epoch = 0; epoch < 5; epoch++) {
      assertThat(samples(order, 7L * epoch, 7L * epoch + 7))
          .extracting(SampleOrder.Sample::index)
          .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
    }
  }

  @Test
  void shufflesEachEpochAnew() {
    SampleOrder order = new SampleOrder(1, 50);

    assertThat(samples(order, 0, 50)).isNotEqualTo(samples(order, 50, 100));
  }

  @Test
  void givesAnImageOtherChancesInAnotherEpoch() {
    SampleOrder order = new SampleOrder(1, 1);

    assertThat(order.at(0)).isNotEqualTo(order.at(1));
  }

  @Test
  void isAFunctionOfSeedAndPlaceAlone() {
    SampleOrder straight = new SampleOrder(3, 10);
    List<SampleOrder.Sample> all = samples(straight, 0, 40);

    assertThat(samples(new SampleOrder(3, 10), 25, 40)).isEqualTo(all.subList(25, 40));
    assertThat(straight.at(3)).isEqualTo(all.get(3));
    assertThat(samples(new SampleOrder(4, 10), 0, 40)).isNotEqualTo(all);
  }
}
