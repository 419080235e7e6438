package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.inference.EngineBrokenException;
import io.atrous.stream.ContractInstance.Options;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pipeline of production on a real broker, around an engine that fails: a frame is blamed if it
 * is to blame, and never for the engine.
 */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class IsolationContractTest {

  private static final String EXACTLY_ONCE = "exactly_once_v2";
  private static final String AT_LEAST_ONCE = "at_least_once";
  private static final int FRAMES = 12;

  private final EmbeddedKafka kafka;
  private final EventFormat format = new EventFormat();

  IsolationContractTest(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  @AfterEach
  void close() {
    format.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void oneFrameThatTheEngineCanNotTakeIsOneDeadLetterAndTheOthersGetMasks(String guarantee) {
    ScriptedNetwork picky =
        new ScriptedNetwork() {
          @Override
          void fail(List<ByteBuffer> images) {
            if (images.stream().anyMatch(image -> EventFormat.shows(image, 1, 5))) {
              throw new IllegalStateException("not this one");
            }
          }
        };
    try (ContractWorld world = world(guarantee);
        RealPipeline pipeline = new RealPipeline(format, picky)) {

      Answers answers = world.finish(Options.usual().threads(2), pipeline);

      assertThat(answers.lost()).isEmpty();
      assertThat(answers.flaws()).isEmpty();
      assertThat(answers.duplicates()).isZero();
      assertThat(answers.masks()).hasSize(2 * FRAMES - 1);
      assertThat(answers.deadLetters()).hasSize(1);
      DeadLetterEvent letter = format.deadLetter(answers.deadLetters().get(0));
      assertThat(letter.getReason()).isEqualTo(DeadLetterReason.ENGINE_REJECTED);
      assertThat(letter.getOutcomeId()).isEqualTo(world.setting().frame(1, 5));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void anEngineThatFailsFromSomeFrameOnMakesNoDeadLetterAndTheNextStartAnswersAll(
      String guarantee) {
    ScriptedNetwork dying =
        new ScriptedNetwork() {
          private boolean dead;

          @Override
          void fail(List<ByteBuffer> images) {
            dead |= images.stream().anyMatch(image -> EventFormat.shows(image, 0, 7));
            if (dead) {
              throw new IllegalStateException("the device is gone");
            }
          }
        };
    try (ContractWorld world = world(guarantee)) {
      try (RealPipeline pipeline = new RealPipeline(format, dying);
          ContractInstance instance =
              ContractInstance.start(world.setting(), pipeline, Options.usual().threads(2))) {
        instance.awaitDeath();

        assertThat(instance.failure())
            .hasRootCauseMessage("the device is gone")
            .hasStackTraceContaining(EngineBrokenException.class.getName());
      }
      assertThat(world.committed(0)).isLessThanOrEqualTo(7);

      Answers answers = finishSoundly(world);

      assertThat(answers.deadLetters()).isEmpty();
      assertThat(answers.lost()).isEmpty();
      assertThat(answers.flaws()).isEmpty();
      if (guarantee.equals(EXACTLY_ONCE)) {
        assertThat(answers.duplicates()).isZero();
        assertThat(answers.inOrder()).isTrue();
      }
    }
  }

  /** It fails on one frame, and after that neither fails nor sees anything any more. */
  @Test
  void anEngineThatAnswersGarbageAfterAFailureBlamesNobody() {
    ScriptedNetwork blind =
        new ScriptedNetwork() {
          private boolean garbles;

          @Override
          void fail(List<ByteBuffer> images) {
            if (images.stream().anyMatch(image -> EventFormat.shows(image, 0, 3))) {
              garbles = true;
              throw new IllegalStateException("an illegal memory access");
            }
          }

          @Override
          int label(ByteBuffer image, int pixel) {
            return garbles ? 0 : super.label(image, pixel);
          }
        };
    try (ContractWorld world = world(EXACTLY_ONCE)) {
      try (RealPipeline pipeline = new RealPipeline(format, blind);
          ContractInstance instance =
              ContractInstance.start(world.setting(), pipeline, Options.usual())) {
        instance.awaitDeath();
      }
      assertThat(world.committed(0)).isLessThanOrEqualTo(3);

      Answers answers = finishSoundly(world);

      assertThat(answers.deadLetters()).isEmpty();
      assertThat(answers.lost()).isEmpty();
      assertThat(answers.duplicates()).isZero();
    }
  }

  private ContractWorld world(String guarantee) {
    ContractWorld world = new ContractWorld(kafka, guarantee, 2, format);
    world.send(0, FRAMES);
    world.send(1, FRAMES);
    return world;
  }

  private Answers finishSoundly(ContractWorld world) {
    try (RealPipeline pipeline = new RealPipeline(format, new ScriptedNetwork())) {
      return world.finish(Options.usual(), pipeline);
    }
  }
}
