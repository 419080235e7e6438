package io.atrous.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import io.atrous.bench.Rounds.Times;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The clock stands still but for the runs. */
class RoundsTest {

  private static final long LONG = Rounds.WARMING_NANOS;

  private final List<String> runs = new ArrayList<>();
  private final List<Double> progress = new ArrayList<>();
  private final Map<String, Runnable> things = new LinkedHashMap<>();
  private long now;

  @Test
  void warmsEverythingOnceAndThenLetsAllTakeTurns() {
    add("a", LONG);
    add("b", 2 * LONG);

    Map<String, Times> times = new Rounds(3, 1000 * LONG).run(things, () -> now, progress::add);

    assertThat(runs).containsExactly("a", "b", "a", "b", "a", "b", "a", "b");
    assertThat(times)
        .containsExactly(
            entry("a", new Times(List.of(LONG, LONG, LONG))),
            entry("b", new Times(List.of(2 * LONG, 2 * LONG, 2 * LONG))));
  }

  @Test
  void whatIsShortIsWarmedAnewInEachRound() {
    long half = LONG / 2;
    List<Long> nanos =
        new ArrayList<>(List.of(3L, half, half, 1L, half, half, 2L, LONG - 1, 1L, 3L));
    things.put("short", () -> now += nanos.remove(0));
    add("long", LONG);

    Map<String, Times> times = new Rounds(3, 1000 * LONG).run(things, () -> now, progress::add);

    assertThat(times.get("short")).isEqualTo(new Times(List.of(1L, 2L, 3L)));
    assertThat(runs).hasSize(1 + 3);
  }

  @Test
  void beginsNoRoundAfterEnoughTimeOnceThereWereThree() {
    add("slow", LONG);

    new Rounds(1000, 9 * LONG / 2).run(things, () -> now, progress::add);
    assertThat(runs).hasSize(1 + 5);

    runs.clear();
    new Rounds(1000, 1).run(things, () -> now, progress::add);
    assertThat(runs).hasSize(1 + 3);
  }

  @Test
  void progressGrowsToOneWhicheverEndComesFirst() {
    add("a", 2 * LONG);
    add("b", LONG);

    for (Rounds rounds : List.of(new Rounds(8, 1L << 60), new Rounds(1000, 3 * LONG * 8))) {
      progress.clear();
      rounds.run(things, () -> now, progress::add);

      assertThat(progress).hasSize(16).isSorted().last().isEqualTo(1.0);
      assertThat(progress.get(0)).isBetween(0.01, 0.1);
    }
  }

  @Test
  void timesKnowTheirMedianAndSpread() {
    assertThat(new Times(List.of(9_000_000L, 1_000_000L, 2_000_000L)))
        .returns(2.0, Times::medianMillis)
        .returns(1.0, Times::minMillis)
        .returns(9.0, Times::maxMillis);
    assertThat(new Times(List.of(4_000_000L, 1_000_000L, 9_000_000L, 2_000_000L)).medianMillis())
        .isEqualTo(3.0);
  }

  @Test
  void refusesFewerThanThreeRounds() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Rounds(2, 1))
        .withMessage("there must be at least 3 rounds");
  }

  private void add(String name, long nanos) {
    things.put(
        name,
        () -> {
          runs.add(name);
          now += nanos;
        });
  }
}
