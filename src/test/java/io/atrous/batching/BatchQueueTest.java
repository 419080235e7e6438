package io.atrous.batching;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchQueueTest {

  private static final long DELAY_NANOS = 10;

  private final BatchQueue<String> queue = queue(3, 5);

  @Test
  void isNeverReadyWhileNothingWaits() {
    assertThat(queue.ready(Long.MAX_VALUE)).isFalse();
    assertThat(queue.nanosUntilReady(0)).isEmpty();
    assertThat(queue.take(0)).isEmpty();
  }

  @Test
  void closesABatchWhenItIsFull() {
    queue.offer("a", Arrival.at(0));
    queue.offer("b", Arrival.at(0));
    assertThat(queue.ready(0)).isFalse();

    queue.offer("c", Arrival.at(0));

    assertThat(queue.ready(0)).isTrue();
    assertThat(queue.take(0)).containsExactly("a", "b", "c");
  }

  @Test
  void closesABatchWhenItsOldestRequestHasWaitedTheQueueDelay() {
    queue.offer("a", Arrival.at(100));
    queue.offer("b", Arrival.at(107));

    assertThat(queue.nanosUntilReady(108)).hasValue(2);
    assertThat(queue.take(109)).isEmpty();
    assertThat(queue.take(110)).containsExactly("a", "b");
  }

  @Test
  void countsTheDelayFromTheArrivalGivenEvenIfItLiesInThePast() {
    queue.offer("late", Arrival.at(100 - DELAY_NANOS));

    assertThat(queue.ready(100)).isTrue();
  }

  @Test
  void takesTheEarliestArrivalForTheOldestWhateverTheOrderOfOffering() {
    queue.offer("young", Arrival.at(105));
    queue.offer("old", Arrival.at(101));

    assertThat(queue.nanosUntilReady(105)).hasValue(6);
    assertThat(queue.take(111)).containsExactly("old", "young");
  }

  @Test
  void keepsTheOrderOfOfferingAmongEqualArrivals() {
    queue.offer("a", Arrival.at(0));
    queue.offer("b", Arrival.at(0));
    queue.offer("c", Arrival.at(0));

    assertThat(queue.take(0)).containsExactly("a", "b", "c");
  }

  @Test
  void closesABatchWhenTheQueueIsClosing() {
    queue.offer("a", Arrival.at(0));

    queue.close();

    assertThat(queue.take(0)).containsExactly("a");
    assertThat(queue.offer("b", Arrival.at(0))).isFalse();
  }

  @Test
  void leavesTheRestOfAFullQueueToTheNextBatch() {
    for (String request : List.of("a", "b", "c", "d", "e")) {
      queue.offer(request, Arrival.at(0));
    }

    assertThat(queue.take(0)).containsExactly("a", "b", "c");
    assertThat(queue.take(0)).as("neither full nor overdue").isEmpty();
    assertThat(queue.take(DELAY_NANOS)).containsExactly("d", "e");
  }

  @Test
  void refusesRequestsBeyondItsCapacityAndTakesThemAgainOnceABatchLeft() {
    for (int i = 0; i < 5; i++) {
      assertThat(queue.offer("r" + i, Arrival.at(0))).isTrue();
    }
    assertThat(queue.offer("over", Arrival.at(0))).isFalse();

    queue.take(0);

    assertThat(queue.offer("over", Arrival.at(0))).isTrue();
  }

  @Test
  void aWithdrawnRequestCountsNeitherForFullnessNorAsTheOldest() {
    queue.offer("a", Arrival.at(0));
    queue.offer("b", Arrival.at(5));
    queue.offer("c", Arrival.at(5));

    assertThat(queue.withdraw("a")).isTrue();

    assertThat(queue.ready(5)).isFalse();
    assertThat(queue.nanosUntilReady(5)).hasValue(DELAY_NANOS);
    assertThat(queue.withdraw("a")).isFalse();
  }

  @Test
  void agesRightlyWhereTheClockWrapsAround() {
    queue.offer("young", Arrival.at(Long.MIN_VALUE + 2));
    queue.offer("old", Arrival.at(Long.MAX_VALUE - 2));

    assertThat(queue.nanosUntilReady(Long.MIN_VALUE + 3)).hasValue(DELAY_NANOS - 6);
    assertThat(queue.take(Long.MIN_VALUE + 8)).containsExactly("old", "young");
  }

  @Test
  void flowsShareABatchHoweverMuchOneOfThemHasWaiting() {
    for (String request : List.of("a1", "a2", "a3", "a4")) {
      queue.offer(request, new Arrival("a", 0, Arrival.FOREVER));
    }
    queue.offer("b1", new Arrival("b", 5, Arrival.FOREVER));

    assertThat(queue.take(5)).containsExactly("a1", "b1", "a2");
  }

  @Test
  void aHurriedRequestLeavesWithTheNextBatchWhichIsReadyNoSooner() {
    for (String request : List.of("a1", "a2", "a3", "a4")) {
      queue.offer(request, new Arrival("a", 0, Arrival.FOREVER));
    }
    queue.expedite("a4");

    assertThat(queue.take(0)).containsExactly("a4", "a1", "a2");
    queue.expedite("a3");
    assertThat(queue.ready(0)).isFalse();
  }

  @Test
  void whatHasExpiredMakesNoBatchReady() {
    queue.offer("a", new Arrival("a", 0, 4));
    queue.offer("b", new Arrival("b", 3, 4));

    assertThat(queue.expire(5)).containsExactly("a");

    assertThat(queue.nanosUntilReady(5)).hasValue(3 + DELAY_NANOS - 5);
  }

  /** Every sequence of seven events out of six kinds, against the rule written naively. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void agreesWithTheRuleOnEverySequenceOfEvents(int maxBatchSize) {
    int length = 7;
    int sequences = (int) Math.pow(6, length);
    for (int code = 0; code < sequences; code++) {
      int[] events = new int[length];
      for (int i = 0, rest = code; i < length; i++, rest /= 6) {
        events[i] = rest % 6;
      }
      replay(maxBatchSize, 3, events);
    }
  }

  @Test
  void agreesWithTheRuleOnLongRandomSequencesOfEvents() {
    Random random = new Random(7);
    for (int run = 0; run < 300; run++) {
      int maxBatchSize = 1 + random.nextInt(4);
      int[] events = random.ints(200, 0, 5).toArray();
      replay(maxBatchSize, maxBatchSize + random.nextInt(4), events);
    }
  }

  private static void replay(int maxBatchSize, int capacity, int[] events) {
    BatchQueue<Request> queue = queue(maxBatchSize, capacity);
    List<Request> model = new ArrayList<>();
    boolean closing = false;
    long now = 0;
    for (int i = 0; i < events.length; i++) {
      switch (events[i]) {
        case 0, 1 -> {
          Request request = new Request(i, now - 4L * events[i]);
          boolean room = !closing && model.size() < capacity;
          check(events, queue.offer(request, Arrival.at(request.arrivalNanos())) == room);
          if (room) {
            model.add(request);
            model.sort(Comparator.comparingLong(Request::arrivalNanos));
          }
        }
        case 2 -> now += 6;
        case 3 -> {
          if (!model.isEmpty()) {
            check(events, queue.withdraw(model.remove(0)));
          }
        }
        case 4 -> {
          boolean ready =
              !model.isEmpty()
                  && (closing
                      || model.size() >= maxBatchSize
                      || now - model.get(0).arrivalNanos() >= DELAY_NANOS);
          check(events, queue.ready(now) == ready);
          List<Request> batch = model.subList(0, ready ? Math.min(maxBatchSize, model.size()) : 0);
          check(events, queue.take(now).equals(batch));
          batch.clear();
        }
        default -> {
          queue.close();
          closing = true;
        }
      }
      check(events, queue.size() == model.size());
    }
  }

  private static void check(int[] events, boolean agrees) {
    if (!agrees) {
      assertThat(events).as("queue and rule disagree on this sequence").isNull();
    }
  }

  private static <Q> BatchQueue<Q> queue(int maxBatchSize, int capacity) {
    return new BatchQueue<>(new BatchPolicy(maxBatchSize, Duration.ofNanos(DELAY_NANOS), capacity));
  }

  private record Request(int id, long arrivalNanos) {}
}
