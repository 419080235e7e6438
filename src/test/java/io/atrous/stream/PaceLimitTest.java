package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PaceLimitTest {

  private static final Outcome OUTCOME = outcome(Outcome.Channel.MASKS);
  private static final Outcome DEAD_LETTER = outcome(Outcome.Channel.DEAD_LETTERS);

  private final AtomicLong nanos = new AtomicLong();
  private final PaceLimit limit = new PaceLimit(Duration.ofSeconds(10), nanos::get);
  private final Queue<CompletableFuture<Outcome>> submitted = new ArrayDeque<>();

  @Test
  void beforeThePaceIsKnownFewFramesMayBeUnanswered() {
    assertThat(submitWhileThereIsRoom()).isEqualTo(8);
  }

  @Test
  void asManyFramesMayBeUnansweredAsAreAnsweredInHalfOfTheDrainTimeout() {
    answerAtAPaceOf(Duration.ofMillis(100), 500);

    assertThat(limit.limit()).as("5 s at 100 ms each").isBetween(45, 55);
    assertThat(submitWhileThereIsRoom()).isEqualTo(limit.limit());
  }

  @Test
  void theLimitFollowsThePace() {
    answerAtAPaceOf(Duration.ofMillis(5), 500);
    int fast = limit.limit();
    answerAtAPaceOf(Duration.ofSeconds(1), 500);

    assertThat(fast).isBetween(900, 1100);
    assertThat(limit.limit()).isBetween(4, 6);
  }

  @Test
  void aBatchThatAnswersAtOnceCountsAsItsFramesEach() {
    for (int batch = 0; batch < 200; batch++) {
      for (int i = 0; i < 8; i++) {
        submit();
      }
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(800));
      for (int i = 0; i < 8; i++) {
        submitted.remove().complete(OUTCOME);
      }
    }

    assertThat(limit.limit()).as("5 s at 100 ms each, give or take a batch").isBetween(35, 75);
  }

  @Test
  void idleTimeIsNotPace() {
    answerAtAPaceOf(Duration.ofMillis(100), 500);
    nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
    answerAtAPaceOf(Duration.ofMillis(100), 1);

    assertThat(limit.limit()).isBetween(45, 55);
  }

  @Test
  void anAnswerMakesRoomForWhoeverWaits() {
    submitWhileThereIsRoom();
    CompletableFuture<Void> room = limit.room();
    assertThat(room).isNotDone();

    nanos.addAndGet(1_000);
    submitted.remove().complete(OUTCOME);

    assertThat(room).isDone();
    assertThat(limit.room()).isDone();
  }

  @Test
  void framesThatAreGivenUpMakeRoomButSayNothingOfThePace() {
    submitWhileThereIsRoom();
    submitted.forEach(outcome -> outcome.cancel(false));

    assertThat(limit.room()).isDone();
    assertThat(limit.limit()).isEqualTo(8);
  }

  @Test
  void deadLettersMakeRoomButSayNothingOfThePace() {
    answerAtAPaceOf(Duration.ofMillis(100), 500);
    for (int i = 0; i < 1_000; i++) {
      submit();
      submitted.remove().complete(DEAD_LETTER);
    }

    assertThat(limit.limit()).isBetween(45, 55);
    assertThat(limit.room()).isDone();
  }

  @Test
  void oneFrameMayAlwaysBeSubmitted() {
    answerAtAPaceOf(Duration.ofMinutes(1), 3);

    assertThat(limit.limit()).isEqualTo(1);
    assertThat(limit.room()).isDone();
  }

  private static Outcome outcome(Outcome.Channel channel) {
    return new Outcome(null, List.of(new Outcome.Emission(channel, new byte[0])));
  }

  private void answerAtAPaceOf(Duration each, int frames) {
    for (int i = 0; i < frames; i++) {
      submit();
      nanos.addAndGet(each.toNanos());
      submitted.remove().complete(OUTCOME);
    }
  }

  private int submitWhileThereIsRoom() {
    int frames = 0;
    while (limit.room().isDone()) {
      submit();
      frames++;
    }
    return frames;
  }

  private void submit() {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    submitted.add(outcome);
    limit.count(outcome);
  }
}
