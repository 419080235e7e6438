package io.atrous.stream;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class InFlightWindowTest {

  private static final int CAPACITY = 4;
  private static final Outcome OUTCOME =
      new Outcome(null, List.of(new Outcome.Emission(Outcome.Channel.MASKS, new byte[5_000])));
  private static final Outcome SMALL_OUTCOME = new Outcome(null, List.of());

  private final List<Integer> emitted = new ArrayList<>();
  private final List<CompletableFuture<Outcome>> expedited = new ArrayList<>();
  private final List<Integer> turns = new ArrayList<>();
  private final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
  private final InFlightWindow<Integer> window =
      new InFlightWindow<>(
          CAPACITY, turns::add, (frame, outcome) -> emitted.add(frame), expedited::add);

  /** The engine answers the oldest frame as soon as someone waits. */
  private final DrainBudget budget =
      new DrainBudget(
          Duration.ofSeconds(5),
          new EngineLatch(),
          () -> {
            outcomes.stream().filter(o -> !o.isDone()).findFirst().orElseThrow().complete(OUTCOME);
            return 0;
          });

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      CompletableFuture<Outcome> outcome = new CompletableFuture<>();
      window.add(outcomes.size(), outcome);
      outcomes.add(outcome);
    }
  }

  private void complete(int frame) {
    outcomes.get(frame).complete(OUTCOME);
  }

  @Test
  void emitsInOrderHoweverTheOutcomesComplete() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      emitted.clear();
      outcomes.clear();
      add(CAPACITY);
      List<Integer> order =
          IntStream.range(0, CAPACITY).boxed().collect(toCollection(ArrayList::new));
      Collections.shuffle(order, random);

      for (int frame : order) {
        complete(frame);
        window.emitCompleted(budget);
        int finishedPrefix = (int) outcomes.stream().takeWhile(CompletableFuture::isDone).count();
        assertThat(emitted).isEqualTo(IntStream.range(0, finishedPrefix).boxed().toList());
      }

      assertThat(window.isEmpty()).isTrue();
    }
  }

  @Test
  void countsFinishedFramesUntilTheyAreEmitted() {
    add(CAPACITY);
    IntStream.range(1, CAPACITY).forEach(this::complete);
    window.emitCompleted(budget);

    assertThatThrownBy(() -> add(1)).hasMessageContaining("full");
    assertThat(emitted).isEmpty();
  }

  @Test
  void waitsForNoMoreThanItsOldestFrameWhenItIsFull() {
    add(CAPACITY);

    window.awaitRoom(budget);
    add(1);

    assertThat(emitted).containsExactly(0);
  }

  @Test
  void doesNotWaitWhileThereIsRoom() {
    add(CAPACITY - 1);

    window.awaitRoom(budget);

    assertThat(emitted).isEmpty();
  }

  @Test
  void drainsEveryFrame() {
    add(CAPACITY);

    window.drain(budget);

    assertThat(emitted).containsExactly(0, 1, 2, 3);
    assertThat(window.isEmpty()).isTrue();
  }

  @Test
  void givesItsFramesUpWhenOneHasNoOutcome() {
    add(3);
    complete(0);
    outcomes.get(1).completeExceptionally(new IllegalStateException("crash"));

    assertThatThrownBy(() -> window.drain(budget)).hasMessageContaining("crash");

    assertThat(emitted).containsExactly(0);
    assertThat(outcomes.get(2)).isCancelled();
  }

  @Test
  void canNotBeDrainedOnceAnOutcomeCouldNotBeWritten() {
    InFlightWindow<Integer> failing =
        new InFlightWindow<>(
            CAPACITY,
            turns::add,
            (frame, outcome) -> {
              throw new IllegalStateException("the broker is gone");
            },
            expedited::add);
    CompletableFuture<Outcome> second = new CompletableFuture<>();
    failing.add(0, CompletableFuture.completedFuture(OUTCOME));
    failing.add(1, second);

    assertThatThrownBy(() -> failing.emitCompleted(budget)).hasMessage("the broker is gone");

    assertThat(turns).as("so that whoever tells of it knows the frame").containsExactly(0);

    assertThat(second).isCancelled();
    assertThatThrownBy(() -> failing.drain(budget))
        .isInstanceOf(EngineFailureException.class)
        .hasMessageContaining("given up");
  }

  @Test
  void emitsNothingAfterItIsAbandoned() {
    add(2);
    complete(0);

    window.abandon();
    complete(1);

    Stream.<Runnable>of(
            () -> window.drain(budget),
            () -> window.emitCompleted(budget),
            () -> window.add(2, new CompletableFuture<>()))
        .forEach(use -> assertThatThrownBy(use::run).isInstanceOf(RuntimeException.class));
    assertThat(emitted).isEmpty();
  }

  @Test
  void letsACommitPassWhenItWasEmptyAtItsEnd() {
    window.abandon();

    window.drain(budget);

    assertThat(emitted).isEmpty();
  }

  @Test
  void cancelsAFrameItCanNotTake() {
    add(CAPACITY);
    CompletableFuture<Outcome> tooMuch = new CompletableFuture<>();

    assertThatThrownBy(() -> window.add(9, tooMuch)).isInstanceOf(IllegalStateException.class);

    assertThat(tooMuch).isCancelled();
  }

  @Test
  void hurriesTheFrameItWaitsForAndNoOther() {
    add(CAPACITY);

    window.awaitRoom(budget);

    assertThat(expedited).containsExactly(outcomes.get(0));
  }

  @Test
  void smallOutcomesBehindAFrameThatIsNotDoneTakeNoRoom() {
    add(1);
    for (int i = 0; i < 20 * CAPACITY; i++) {
      window.awaitRoom(budget);
      add(1);
      outcomes.get(outcomes.size() - 1).complete(SMALL_OUTCOME);
    }
    assertThat(emitted).as("nobody waited").isEmpty();

    complete(0);
    window.emitCompleted(budget);

    assertThat(emitted).hasSize(1 + 20 * CAPACITY).isSorted();
    add(CAPACITY - 1);
    assertThat(outcomes.get(outcomes.size() - 1)).as("there is room again").isNotDone();
  }

  @Test
  void aSmallOutcomeMakesRoomForWhoWaitsForTheOldestFrame() {
    InFlightWindow<Integer> full =
        new InFlightWindow<>(
            CAPACITY,
            turns::add,
            (frame, outcome) -> emitted.add(frame),
            waitedFor -> outcomes.get(2).complete(SMALL_OUTCOME));
    for (int i = 0; i < CAPACITY; i++) {
      outcomes.add(new CompletableFuture<>());
      full.add(i, outcomes.get(i));
    }

    full.awaitRoom(budget);

    assertThat(outcomes.get(0)).as("the oldest").isNotDone();
    assertThat(emitted).isEmpty();
  }

  @Test
  void evenSmallOutcomesAreBounded() {
    add(1);
    for (int i = 1; i < 64 * CAPACITY; i++) {
      add(1);
      outcomes.get(i).complete(SMALL_OUTCOME);
    }

    window.awaitRoom(budget);

    assertThat(emitted).as("the first was waited for").contains(0);
  }
}
