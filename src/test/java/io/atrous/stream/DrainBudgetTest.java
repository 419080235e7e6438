package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DrainBudgetTest {

  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Outcome OUTCOME = new Outcome(null, List.of());

  private final EngineLatch latch = new EngineLatch();
  private long nowNanos;
  private CompletableFuture<Outcome> completedByTheWait = new CompletableFuture<>();

  /** The clock is read when a wait begins: then the engine answers. */
  private final DrainBudget budget =
      new DrainBudget(
          LIMIT,
          latch,
          () -> {
            completedByTheWait.complete(OUTCOME);
            return nowNanos;
          });

  private void waitForAnAnswer() {
    completedByTheWait = new CompletableFuture<>();
    assertThat(budget.await(completedByTheWait, "f@0")).isSameAs(OUTCOME);
  }

  @Test
  void isOneForAllDrainsOfACommit() {
    waitForAnAnswer();
    nowNanos = LIMIT.toNanos();

    assertThatThrownBy(() -> budget.await(new CompletableFuture<>(), "f@1"))
        .isInstanceOf(EngineFailureException.class)
        .hasMessageContaining("f@1")
        .hasMessageContaining("5000 ms");
    assertThat(latch.failure()).isPresent();
  }

  @Test
  void startsAnewWhenTheThreadIsBackAtItsRecords() {
    waitForAnAnswer();
    nowNanos = LIMIT.toNanos();

    budget.renew();

    waitForAnAnswer();
    assertThat(latch.failure()).isEmpty();
  }

  @Test
  void countsFromTheFirstWaitAndNotFromEarlierWork() {
    budget.renew();
    nowNanos = 10 * LIMIT.toNanos();

    waitForAnAnswer();

    assertThat(latch.failure()).isEmpty();
  }

  @Test
  void takesAnOutcomeThatIsThereEvenWhenItIsUsedUp() {
    waitForAnAnswer();
    nowNanos = LIMIT.toNanos();

    assertThat(budget.await(CompletableFuture.completedFuture(OUTCOME), "f@1")).isSameAs(OUTCOME);
  }

  @Test
  void failsTheWaitsOfEveryThreadAtOnceAfterAnEngineWasTooSlow() {
    DrainBudget impatient = new DrainBudget(Duration.ZERO, latch, () -> 0);
    assertThatThrownBy(() -> impatient.await(new CompletableFuture<>(), "g@0"))
        .isInstanceOf(EngineFailureException.class);

    assertThatThrownBy(() -> budget.await(CompletableFuture.completedFuture(OUTCOME), "f@0"))
        .isInstanceOf(EngineFailureException.class)
        .hasMessageContaining("g@0");
    assertThatThrownBy(budget::renew).isInstanceOf(EngineFailureException.class);
  }

  @Test
  void failsOnlyItsOwnThreadWhenAFrameHasNoOutcome() {
    IllegalStateException cause = new IllegalStateException("the registry is gone");
    assertThatThrownBy(() -> budget.await(CompletableFuture.failedFuture(cause), "f@0"))
        .isInstanceOf(EngineFailureException.class)
        .hasCause(cause)
        .hasMessageContaining("f@0")
        .hasMessageContaining("the registry is gone");

    assertThat(latch.failure()).isEmpty();
    assertThatThrownBy(() -> budget.await(CompletableFuture.completedFuture(OUTCOME), "f@1"))
        .isInstanceOf(EngineFailureException.class)
        .hasMessageContaining("f@0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void neverThrowsAnExceptionThatStreamsAnswersWithARetry(boolean corrupted) {
    RuntimeException cause =
        corrupted ? new TaskCorruptedException(Set.of()) : new TimeoutException("slow");

    assertThatThrownBy(() -> budget.await(CompletableFuture.failedFuture(cause), "f@0"))
        .isExactlyInstanceOf(EngineFailureException.class);
  }

  @Test
  void treatsACancelledFrameAsOneWithoutAnOutcome() {
    CompletableFuture<Outcome> cancelled = new CompletableFuture<>();
    cancelled.cancel(false);

    assertThatThrownBy(() -> budget.await(cancelled, "f@0"))
        .isExactlyInstanceOf(EngineFailureException.class);
  }

  @Test
  void endsItsWaitWhenInterruptedAndKeepsTheInterrupt() {
    DrainBudget patient = new DrainBudget(LIMIT, latch, () -> 0);
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> patient.await(new CompletableFuture<>(), "f@0"))
        .isInstanceOf(InterruptException.class);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(latch.failure()).isEmpty();
  }
}
