package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.Await;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.stream.ContractInstance.Options;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pipeline of production on a real broker that refuses single outcomes, of which the service
 * knows nothing before: each such frame gets what the broker takes, and the others their masks.
 */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class RefusedOutcomeContractTest {

  private static final String EXACTLY_ONCE = "exactly_once_v2";
  private static final String AT_LEAST_ONCE = "at_least_once";
  private static final String MAX_AHEAD = "message.timestamp.after.max.ms";
  private static final String MAX_BYTES = "max.message.bytes";
  private static final int FRAMES = 5;

  private final EmbeddedKafka kafka;
  private final EventFormat format = new EventFormat();
  private final OutputTopics topics = new OutputTopics(Clock.systemUTC());

  RefusedOutcomeContractTest(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  @AfterEach
  void close() {
    format.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void aFrameOfATimeThatNoTopicTakesIsOneDeadLetterAndTheOthersGetMasks(String guarantee) {
    try (ContractWorld world = world(guarantee, 2)) {
      for (String topic : outputs(world)) {
        world.configure(topic, MAX_AHEAD, "1000");
      }
      world.send(0, FRAMES);
      world.send(1, FRAMES);
      world.sendDated(0, inHalfAnHour());
      world.send(0, FRAMES);
      world.sendDated(1, inHalfAnHour());
      world.send(1, FRAMES);

      Answers answers = finish(world);

      assertThat(answers.masks().stream().map(format::identity).distinct())
          .hasSizeGreaterThanOrEqualTo(4 * FRAMES);
      assertThat(letters(answers, world.setting().frame(0, FRAMES)).get(0))
          .satisfies(
              letter -> {
                assertThat(letter.getReason()).isEqualTo(DeadLetterReason.OUTCOME_REFUSED);
                assertThat(letter.getMessage()).contains("Timestamp");
                assertThat(letter.getFrameId()).isEqualTo("frame-" + FRAMES);
                assertThat(letter.getSourceTruncated()).isFalse();
                assertThat(letter.getSourceTimestamp()).isAfter(Clock.systemUTC().instant());
              });
      assertThat(letters(answers, world.setting().frame(1, FRAMES))).isNotEmpty();
      assertSound(answers, guarantee, 2);
    }
  }

  /** A broker refuses the batch, and says which of its records are to blame. */
  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void theNeighboursOfARefusedRecordInItsBatchAreNotBlamed(String guarantee) {
    try (ContractWorld world = world(guarantee, 1)) {
      for (String topic : outputs(world)) {
        world.configure(topic, MAX_AHEAD, "1000");
      }
      world.send(0, FRAMES);
      world.sendDated(0, inHalfAnHour());
      world.send(0, FRAMES);
      try (RealPipeline pipeline = new RealPipeline(format, new ScriptedNetwork(), topics)) {
        Answers answers =
            world.finish(
                // A batch holds all that is written between two commits.
                Options.of(topics).clients(clients(Map.of("linger.ms", 10_000))), pipeline);

        assertThat(letters(answers, world.setting().frame(0, FRAMES))).isNotEmpty();
        assertThat(answers.deadLetters())
            .allMatch(
                letter ->
                    format.identity(letter).outcomeId().equals(world.setting().frame(0, FRAMES)));
        assertSound(answers, guarantee, 1);
      }
    }
  }

  /** A producer gives up with the same exception what it has not sent when a transaction fails. */
  @Test
  void framesInTheTransactionOfARefusedOneAreNotBlamed() {
    try (ContractWorld world = new ContractWorld(kafka, EXACTLY_ONCE, 1)) {
      world.configure(world.setting().masks(), MAX_AHEAD, "1000");
      world.sendDated(0, inHalfAnHour());
      world.send(0, 15);
      HeldEngine engine = HeldEngine.holding(world.setting().frame(0, 0));
      try (ContractInstance instance =
          ContractInstance.start(
              world.setting(),
              engine,
              Options.of(topics)
                  .commitInterval(Duration.ofSeconds(5))
                  .clients(
                      clients(
                          Map.of("batch.size", 1, "max.in.flight.requests.per.connection", 1))))) {
        Await.until("all are in flight", () -> engine.submitted().size() == 16);
        engine.release();
        world.awaitAllCommitted();

        assertThat(instance.failure()).isNull();
        assertThat(LongStream.range(0, 16).mapToObj(offset -> world.setting().frame(0, offset)))
            .filteredOn(frame -> topics.refused().of(frame).isPresent())
            .containsExactly(world.setting().frame(0, 0));
      }
    }
  }

  private OutcomeClients clients(Map<String, Object> producerSettings) {
    return new OutcomeClients(topics.refused()) {
      @Override
      public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        config.putAll(producerSettings);
        return super.getProducer(config);
      }
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void masksThatTheTopicIsTooSmallForAreDeadLetters(String guarantee) {
    try (ContractWorld world = world(guarantee, 1)) {
      world.configure(world.setting().masks(), MAX_BYTES, "200");
      world.send(0, FRAMES);

      Answers answers = finish(world);

      assertThat(answers.masks()).isEmpty();
      assertThat(answers.deadLetters())
          .extracting(record -> format.deadLetter(record).getReason())
          .containsOnly(DeadLetterReason.OUTCOME_TOO_LARGE);
      assertSound(answers, guarantee, FRAMES);
    }
  }

  /** The masks before them are in the topic; under exactly-once, of an aborted transaction. */
  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void regionsThatTheTopicIsTooSmallForMakeTheirFrameADeadLetter(String guarantee) {
    try (ContractWorld world = world(guarantee, 1)) {
      world.configure(world.setting().regions(), MAX_BYTES, "200");
      world.send(0, FRAMES);

      Answers answers = finish(world);

      assertThat(answers.lost()).isEmpty();
      assertThat(answers.regions()).isEmpty();
      assertThat(
              answers.deadLetters().stream()
                  .map(record -> format.deadLetter(record).getOutcomeId())
                  .distinct())
          .hasSize(FRAMES);
      if (guarantee.equals(EXACTLY_ONCE)) {
        assertThat(answers.masks()).isEmpty();
        assertThat(answers.duplicates()).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void aDeadLetterWithoutAKeyGetsOneIfTheTopicIsCompacted(String guarantee) {
    try (ContractWorld world = world(guarantee, 1)) {
      world.configure(world.setting().deadLetters(), "cleanup.policy", "compact");
      world.send(0, FRAMES);
      world.send(0, 1L, null, "no frame".getBytes(UTF_8));
      world.send(0, FRAMES);

      Answers answers = finish(world);

      ConsumerRecord<byte[], byte[]> record = answers.deadLetters().get(0);
      assertThat(record.key()).asString(UTF_8).isEqualTo(world.setting().frame(0, FRAMES));
      assertThat(format.deadLetter(record).getReason())
          .isEqualTo(DeadLetterReason.UNDECODABLE_RECORD);
      assertSound(answers, guarantee, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void aDeadLetterThatIsTooLargeBecomesTheSmallestOne(String guarantee) {
    try (ContractWorld world = world(guarantee, 1)) {
      world.configure(world.setting().deadLetters(), MAX_BYTES, "2048");
      world.send(0, 1L, "k".repeat(400).getBytes(UTF_8), new byte[4_000]);
      world.send(0, FRAMES);

      Answers answers = finish(world);

      DeadLetterEvent letter = format.deadLetter(answers.deadLetters().get(0));
      assertThat(letter.getReason()).isEqualTo(DeadLetterReason.UNDECODABLE_RECORD);
      assertThat(letter.getSourceTruncated()).isTrue();
      assertThat(letter.getSourceValueSizeBytes()).isEqualTo(4_000);
      assertSound(answers, guarantee, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EXACTLY_ONCE, AT_LEAST_ONCE})
  void ifEvenTheSmallestDeadLetterIsRefusedTheServiceStopsAndCommitsNothingBeyond(
      String guarantee) {
    try (ContractWorld world = world(guarantee, 1)) {
      world.configure(world.setting().deadLetters(), MAX_BYTES, "100");
      world.send(0, FRAMES);
      world.send(0, 1L, null, "no frame".getBytes(UTF_8));
      world.send(0, FRAMES);
      try (RealPipeline pipeline = new RealPipeline(format, new ScriptedNetwork(), topics);
          ContractInstance instance =
              ContractInstance.start(world.setting(), pipeline, Options.of(topics))) {
        instance.awaitDeath();

        assertThat(instance.failure()).hasRootCauseInstanceOf(RecordTooLargeException.class);
      }
      assertThat(world.committed(0)).isLessThanOrEqualTo(FRAMES);
    }
  }

  private ContractWorld world(String guarantee, int partitions) {
    return new ContractWorld(kafka, guarantee, partitions, format);
  }

  private static List<String> outputs(ContractWorld world) {
    ContractSetting setting = world.setting();
    return List.of(setting.masks(), setting.regions(), setting.deadLetters());
  }

  private static long inHalfAnHour() {
    return Clock.systemUTC().millis() + Duration.ofMinutes(30).toMillis();
  }

  private Answers finish(ContractWorld world) {
    try (RealPipeline pipeline = new RealPipeline(format, new ScriptedNetwork(), topics)) {
      return world.finish(Options.of(topics), pipeline);
    }
  }

  private List<DeadLetterEvent> letters(Answers answers, String outcomeId) {
    return answers.deadLetters().stream()
        .map(format::deadLetter)
        .filter(letter -> letter.getOutcomeId().equals(outcomeId))
        .toList();
  }

  private static void assertSound(Answers answers, String guarantee, int deadLetters) {
    assertThat(answers.lost()).isEmpty();
    if (guarantee.equals(EXACTLY_ONCE)) {
      assertThat(answers.flaws()).isEmpty();
      assertThat(answers.duplicates()).isZero();
      assertThat(answers.deadLetters()).hasSize(deadLetters);
    }
  }
}
