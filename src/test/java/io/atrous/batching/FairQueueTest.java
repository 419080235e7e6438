package io.atrous.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Requests are named after their flow: "a1" is the first of flow "a". */
final class FairQueueTest {

  private final FairQueue<String> queue = new FairQueue<>();

  @Test
  void flowsTakeTurnsHoweverMuchOneOfThemHasWaiting() {
    add("a1", 1);
    add("a2", 2);
    add("a3", 3);
    add("a4", 4);
    add("b1", 5);
    add("b2", 6);
    add("c1", 7);

    assertThat(pollAll()).containsExactly("a1", "b1", "c1", "a2", "b2", "a3", "a4");
  }

  @Test
  void withinAFlowTheEarliestArrivalGoesFirstWhateverTheOrderOfAdding() {
    add("a2", 20);
    add("a1", 10);
    add("a3", 20);

    assertThat(queue.oldestNanos()).hasValue(10);
    assertThat(pollAll()).containsExactly("a1", "a2", "a3");
  }

  @Test
  void aFlowOfThreeTimesTheWeightGetsThreeTimesAsManyOut() {
    for (int i = 0; i < 9; i++) {
      add("a" + i, i);
      queue.add("h" + i, new Arrival("h", 3, i, Arrival.FOREVER));
    }

    List<String> first = poll(8);

    assertThat(first).filteredOn(request -> request.startsWith("h")).hasSize(6);
    assertThat(first.subList(0, 4)).as("and not in one go").contains("a0");
    assertThat(first.subList(4, 8)).contains("a1");
  }

  @Test
  void aWeightlessOrOverweightFlowIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Arrival("a", 0, 0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Arrival("a", Arrival.MAX_WEIGHT + 1, 0, 0))
        .withMessage("a weight is 1 to 100, not 101");
  }

  @Test
  void aFlowThatComesLateStartsInTheRoundThatIsOn() {
    for (int i = 0; i < 9; i++) {
      add("a" + i, i);
    }
    poll(5);

    add("b1", 100);
    add("b2", 101);

    assertThat(poll(4)).as("no turns are made up for").containsExactly("b1", "a5", "b2", "a6");
  }

  @Test
  void aFlowThatHadItsTurnAndComesBackAtOnceDoesNotGetTwoOfOneRound() {
    add("a1", 1);
    add("b1", 2);
    add("c1", 3);
    assertThat(poll(1)).containsExactly("a1");

    add("a2", -10);

    assertThat(pollAll()).containsExactly("b1", "c1", "a2");
  }

  @Test
  void whatIsHurriedGoesFirstAndCountsAsItsFlowsTurn() {
    add("a1", 1);
    add("a2", 2);
    add("a3", 3);
    add("b1", 4);

    queue.expedite("a2");

    assertThat(pollAll()).containsExactly("a2", "b1", "a1", "a3");
  }

  @Test
  void hurryingOftenCostsAFlowNoMoreThanOneTurn() {
    for (int i = 0; i < 9; i++) {
      add("a" + i, i);
      add("b" + i, i);
    }
    for (int i = 0; i < 5; i++) {
      queue.expedite(("a" + i).intern());
    }
    poll(5);

    assertThat(poll(5)).containsExactly("b0", "b1", "a5", "b2", "a6");
  }

  @Test
  void whatIsWithdrawnCostsItsFlowNothing() {
    add("a1", 1);
    add("b1", 2);
    add("a2", 3);

    assertThat(queue.withdraw("a1")).isTrue();

    assertThat(queue.withdraw("a1")).isFalse();
    assertThat(queue.oldestNanos()).hasValue(2);
    assertThat(pollAll()).containsExactly("b1", "a2");
  }

  @Test
  void whatHasWaitedBeyondItsLifetimeIsTakenOutOldestFirst() {
    queue.add("a1", new Arrival("a", 100, 50));
    queue.add("b1", new Arrival("b", 90, 59));
    queue.add("c1", new Arrival("c", 0, Arrival.FOREVER));

    assertThat(queue.expire(149)).isEmpty();
    assertThat(queue.expire(151)).containsExactly("b1", "a1");
    assertThat(pollAll()).containsExactly("c1");
  }

  @Test
  void refusesARequestThatWaitsAlready() {
    add("a1", 1);

    assertThatIllegalArgumentException().isThrownBy(() -> add("a1", 2));
  }

  /**
   * The bound of the paper for requests of equal cost: while two flows both have requests waiting,
   * the numbers of theirs that leave in any stretch of time differ by two at most.
   */
  @Test
  void flowsThatBothWaitAreServedAlikeInEveryStretchOfTime() {
    SplittableRandom random = new SplittableRandom(11);
    for (int run = 0; run < 200; run++) {
      FairQueue<Request> fair = new FairQueue<>();
      Map<Integer, Integer> waiting = new HashMap<>();
      Map<List<Integer>, int[]> leads = new HashMap<>();
      for (int step = 0; step < 300; step++) {
        int flow = random.nextInt(4);
        if (random.nextInt(5) < 3) {
          int burst = flow == 0 ? 10 : 1;
          for (int i = 0; i < burst; i++) {
            fair.add(new Request(flow, step), new Arrival(flow, step, Arrival.FOREVER));
          }
          waiting.merge(flow, burst, Integer::sum);
        } else {
          Request served = fair.poll();
          if (served != null) {
            waiting.merge(served.flow, -1, Integer::sum);
            lead(leads, served.flow, waiting);
          }
        }
      }
    }
  }

  @Test
  void remembersABoundedNumberOfFlowsWhateverTheInputNames() {
    for (int i = 0; i < 100_000; i++) {
      queue.add("r" + i, new Arrival(i, i, Arrival.FOREVER));
      if (i >= 4) {
        assertThat(queue.poll()).isEqualTo("r" + (i - 4));
      }
      assertThat(queue.flowCount()).isLessThan(5_000);
    }
    pollAll();

    assertThat(queue.flowCount()).isZero();
  }

  /** Follows, for each pair of flows that both wait, how far one is ahead, and its extremes. */
  private static void lead(
      Map<List<Integer>, int[]> leads, int served, Map<Integer, Integer> waiting) {
    for (int other = 0; other < 4; other++) {
      if (other == served) {
        continue;
      }
      int low = Math.min(served, other);
      int high = Math.max(served, other);
      List<Integer> pair = List.of(low, high);
      if (waiting.getOrDefault(other, 0) == 0) {
        leads.remove(pair);
        continue;
      }
      int[] lead = leads.computeIfAbsent(pair, key -> new int[3]);
      lead[0] += served == low ? 1 : -1;
      lead[1] = Math.min(lead[1], lead[0]);
      lead[2] = Math.max(lead[2], lead[0]);
      assertThat(lead[2] - lead[1]).as("%s", pair).isLessThanOrEqualTo(2);
      if (waiting.getOrDefault(served, 0) == 0) {
        leads.remove(pair);
      }
    }
  }

  private void add(String request, long nanos) {
    // The queue knows requests by identity.
    queue.add(request.intern(), new Arrival(request.substring(0, 1), nanos, Arrival.FOREVER));
  }

  private List<String> poll(int count) {
    List<String> polled = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String next = queue.poll();
      if (next != null) {
        polled.add(next);
      }
    }
    return polled;
  }

  private List<String> pollAll() {
    return poll(queue.size());
  }

  private record Request(int flow, int step) {}
}
