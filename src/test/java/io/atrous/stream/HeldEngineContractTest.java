package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.Await;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.stream.ContractInstance.Design;
import io.atrous.stream.ContractInstance.Options;
import io.atrous.stream.FailingSend.Manner;
import java.time.Duration;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The service's promise, on a real broker: whatever happens while the engine holds a frame, nothing
 * is committed past it, and in the end every frame is answered; exactly once under exactly-once.
 *
 * <p>Killing at random is a weak test of this (a design that loses frames passed it); holding the
 * engine is a strong one. {@link #losesTheHeldFrameOfANaiveBuffer} proves that it is.
 */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class HeldEngineContractTest {

  private static final String EXACTLY_ONCE = "exactly_once_v2";
  private static final String AT_LEAST_ONCE = "at_least_once";

  /** A commit interval longer than any test: commits have another reason. */
  private static final Duration NEVER = Duration.ofMinutes(2);

  private final EmbeddedKafka kafka;

  HeldEngineContractTest(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  /** What one run of the held engine showed. */
  private record Verdict(boolean committedPastTheHeldFrame, Answers answers) {}

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void commitsNothingPastAHeldFrameAndAnswersItAfterAKill(String guarantee) throws Exception {
    Verdict verdict = holdTheFirstFrameAndKill(guarantee, Design.WINDOW_AND_BARRIER);

    assertThat(verdict.committedPastTheHeldFrame).isFalse();
    assertFulfilled(verdict.answers, guarantee);
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void losesTheHeldFrameOfANaiveBuffer(String guarantee) throws Exception {
    Verdict verdict = holdTheFirstFrameAndKill(guarantee, Design.NAIVE_BUFFER);

    assertThat(verdict.committedPastTheHeldFrame).isTrue();
    assertThat(verdict.answers.lost()).isNotEmpty();
  }

  /** The other thread's partition goes on, so its commits tell that time enough has passed. */
  private Verdict holdTheFirstFrameAndKill(String guarantee, Design design) throws Exception {
    try (ContractWorld world = new ContractWorld(kafka, guarantee, 2)) {
      boolean past = false;
      String held = world.setting().frame(0, 0);
      try (ContractProcess process = ContractProcess.start(world.setting(), design, held)) {
        process.awaitRunning();
        world.send(0, 5);
        process.awaitHolding();
        for (int round = 1; round <= 3; round++) {
          world.send(1, 2);
          int sent = 2 * round;
          Await.until("the other partition goes on", () -> world.committed(1) == sent);
          past |= world.committed(0) > 0;
        }
        process.kill();
      }
      past |= world.committed(0) > 0;
      return new Verdict(past, world.finish());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void commitsNothingWhenTheThirdFrameIsHeldAfterTheFirstTwoWereEmitted(String guarantee) {
    try (ContractWorld world = new ContractWorld(kafka, guarantee, 1)) {
      HeldEngine engine = HeldEngine.holding(world.setting().frame(0, 2));
      world.send(0, 4);
      Options onlyAtTheEnd = Options.usual().commitInterval(NEVER);
      try (ContractInstance instance =
          ContractInstance.start(world.setting(), engine, onlyAtTheEnd)) {
        Await.until("two masks", () -> world.masksWritten() == 2);
        assertThat(instance.hasWaited()).isFalse();

        instance.beginClose();
        Await.until("the last commit waits", instance::hasWaited);

        assertThat(world.committed(0)).isZero();

        instance.die();
      }
      assertThat(world.committed(0)).isZero();

      assertFulfilled(world.finish(), guarantee);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void commitsNeitherPartitionOfAThreadWhileAFrameOfOneIsHeld(String guarantee) {
    try (ContractWorld world = new ContractWorld(kafka, guarantee, 2)) {
      HeldEngine engine = HeldEngine.holding(world.setting().frame(0, 0));
      world.send(0, 3);
      world.send(1, 3);
      try (ContractInstance instance =
          ContractInstance.start(world.setting(), engine, Options.usual())) {
        Await.until("a commit waits", instance::hasWaited);
        assertThat(world.committed(0)).isZero();

        instance.die();

        assertThat(instance.failure()).rootCause().hasMessage("crash");
      }
      assertThat(world.committed(0)).isZero();

      assertFulfilled(world.finish(), guarantee);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void holdsARevocationUntilTheHeldFramesAreAnswered(String guarantee) {
    try (ContractWorld world = new ContractWorld(kafka, guarantee, 2)) {
      HeldEngine engine =
          HeldEngine.holding(world.setting().frame(0, 0), world.setting().frame(1, 0));
      world.send(0, 3);
      world.send(1, 3);
      Options onlyOnRevocation = Options.usual().commitInterval(NEVER);
      try (ContractInstance first =
          ContractInstance.start(world.setting(), engine, onlyOnRevocation)) {
        Await.until("both held", () -> engine.submitted().size() == 6);
        assertThat(first.hasWaited()).isFalse();
        HeldEngine otherEngine = new HeldEngine();
        try (ContractInstance second =
            ContractInstance.start(world.setting(), otherEngine, Options.usual())) {
          Await.until("the revocation waits", first::hasWaited);
          assertThat(world.committed(0)).isZero();
          assertThat(world.committed(1)).isZero();

          engine.release();

          world.awaitAllCommitted();
          Await.until("the other instance takes over", second::isRunning);
          assertThat(otherEngine.submitted()).isEmpty();
          world.send(0, 1);
          world.send(1, 1);
          Await.until("goes on", () -> otherEngine.submitted().size() == 1);
        }
      }
      assertFulfilled(world.finish(), guarantee);
    }
  }

  /**
   * Fails the first send of a transaction, in the middle of a drain: Streams gives the task up and
   * initialises it again in the same thread, with the other frames still in its window.
   */
  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void forgetsItsEarlierGenerationWhenTheTaskIsRevived(String guarantee) {
    try (ContractWorld world = new ContractWorld(kafka, guarantee, 1)) {
      String first = world.setting().frame(0, 0);
      HeldEngine engine =
          HeldEngine.holding(
              LongStream.range(0, 8)
                  .mapToObj(offset -> world.setting().frame(0, offset))
                  .toArray(String[]::new));
      FailingSend clients = new FailingSend(Manner.AS_REPORTED, world.setting().masks(), 1);
      world.send(0, 8);
      try (ContractInstance instance =
          ContractInstance.start(world.setting(), engine, Options.usual().clients(clients))) {
        Await.until("a commit waits", instance::hasWaited);
        Set<String> threads = instance.threads();

        int before = engine.submitted().size();
        engine.release(first);
        Await.until("they come again", () -> engine.submitted().size() > before);
        assertThat(engine.givenUp()).as("of the earlier generation").isEqualTo(before - 1);
        engine.release();
        world.awaitAllCommitted();

        assertThat(instance.threads()).isEqualTo(threads);
        assertThat(engine.submitted())
            .filteredOn(record -> record.offset() == 0)
            .extracting(SourceRecord::attemptId)
            .hasSize(2)
            .doesNotHaveDuplicates();
      }
      Answers answers = world.finish();
      assertFulfilled(answers, guarantee);
      assertThat(answers.duplicates()).isZero();
    }
  }

  /** Whether Streams then revives the task or, under exactly-once, ends the thread. */
  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void losesNothingWhenASendFailsInTheMiddleOfADrain(String guarantee) {
    try (ContractWorld world = new ContractWorld(kafka, guarantee, 1)) {
      HeldEngine engine = HeldEngine.holding(world.setting().frame(0, 0));
      FailingSend clients = new FailingSend(Manner.IN_EARNEST, world.setting().masks(), 4);
      world.send(0, 8);
      try (ContractInstance instance =
          ContractInstance.start(world.setting(), engine, Options.usual().clients(clients))) {
        Await.until("a commit waits", instance::hasWaited);

        engine.release();
        Await.until("the send fails", clients::hasFailed);
        Await.until(
            "it goes on or ends", () -> world.committed(0) == 8 || instance.failure() != null);
      }
      assertFulfilled(world.finish(), guarantee);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void writesNothingTwiceWhenCommitsFollowWithoutNewFrames(String guarantee) {
    try (ContractWorld world = new ContractWorld(kafka, guarantee, 2)) {
      world.send(0, 3);
      try (ContractInstance instance =
          ContractInstance.start(world.setting(), new HeldEngine(), Options.usual())) {
        world.awaitAllCommitted();
        for (int round = 0; round < 3; round++) {
          world.send(1, 1);
          world.awaitAllCommitted();
        }
        assertThat(instance.failure()).isNull();
      }
      assertThat(world.finish().duplicates()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void commitsNothingWhileNoFramesCome(String guarantee) {
    try (ContractWorld world = new ContractWorld(kafka, guarantee, 1)) {
      world.send(0, 3);
      Options eager = Options.usual().commitInterval(Duration.ofMillis(10));
      try (ContractInstance instance =
          ContractInstance.start(world.setting(), new HeldEngine(), eager)) {
        world.awaitAllCommitted();
        double polls = instance.threadMetric("poll-total");
        Await.until("a turn", () -> instance.threadMetric("poll-total") > polls + 2);
        double commits = instance.threadMetric("commit-total");

        Await.until("50 turns", () -> instance.threadMetric("poll-total") > polls + 52);

        assertThat(commits).isPositive();
        assertThat(instance.threadMetric("commit-total")).isEqualTo(commits);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void stopsWithoutACommitWhenTheEngineDoesNotAnswerInTime(String guarantee) {
    try (ContractWorld world = new ContractWorld(kafka, guarantee, 2)) {
      HeldEngine engine =
          HeldEngine.holding(world.setting().frame(0, 0), world.setting().frame(1, 0));
      world.send(0, 3);
      world.send(1, 3);
      Options impatient = Options.usual().threads(2).drainTimeout(Duration.ofMillis(300));
      try (ContractInstance instance = ContractInstance.start(world.setting(), engine, impatient)) {
        instance.awaitDeath();

        assertThat(instance.failure()).hasRootCauseInstanceOf(EngineFailureException.class);
      }
      assertThat(engine.isGivenUp()).isTrue();
      assertThat(world.committed(0)).isZero();
      assertThat(world.committed(1)).isZero();

      assertFulfilled(world.finish(), guarantee);
    }
  }

  /** Brokers assign the partitions: another path to revocation and commit. */
  @Test
  void keepsThePromiseUnderTheStreamsGroupProtocol() {
    try (ContractWorld world = new ContractWorld(kafka, EXACTLY_ONCE, 1)) {
      HeldEngine engine = HeldEngine.holding(world.setting().frame(0, 0));
      world.send(0, 3);
      Options byBroker = Options.usual().groupProtocol("streams");
      try (ContractInstance instance = ContractInstance.start(world.setting(), engine, byBroker)) {
        Await.until("a commit waits", instance::hasWaited);
        assertThat(world.committed(0)).isZero();

        instance.die();
      }
      assertThat(world.committed(0)).isZero();

      assertFulfilled(world.finish(byBroker), EXACTLY_ONCE);
    }
  }

  private static void assertFulfilled(Answers answers, String guarantee) {
    assertThat(answers.lost()).isEmpty();
    assertThat(answers.flaws()).isEmpty();
    if (guarantee.equals(EXACTLY_ONCE)) {
      assertThat(answers.duplicates()).isZero();
      assertThat(answers.inOrder()).isTrue();
    }
  }
}
