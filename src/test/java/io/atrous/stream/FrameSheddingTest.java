package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.stream.Outcome.Channel;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of frames that are not worth their answer any more. */
@Timeout(60)
final class FrameSheddingTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void aFrameThatIsTooOldWhenItComesIsADeadLetterWithoutItsValue() {
    try (PlainPipeline plain = new PlainPipeline(maxAge(SECOND, true), 1)) {
      plain.pass(Duration.ofMillis(1_001));
      SourceRecord old = PlainPipeline.record("cam", 7, 0);

      DeadLetterEvent letter = PlainPipeline.deadLetter(plain.pipeline.analyze(old).join());

      assertThat(letter.getReason()).isEqualTo(DeadLetterReason.STALE);
      assertThat(letter.getMessage()).isEqualTo("the frame was too old when it came");
      assertThat(letter.getOutcomeId()).isEqualTo("frames/0@7");
      assertThat(letter.getFailedAt())
          .isEqualTo(Instant.ofEpochMilli(PlainPipeline.START_MILLIS + 1_001));
      assertThat(letter.getSourceKey()).isEqualTo(ByteBuffer.wrap("cam".getBytes(UTF_8)));
      assertThat(letter.getSourceHeaders()).hasSize(1);
      assertThat(letter.getSourceValue()).isNull();
      assertThat(letter.getSourceTruncated()).isTrue();
      assertThat(plain.shedFrames.counts().byCause())
          .isEqualTo(Map.of(ShedCause.TOO_OLD_ON_ARRIVAL, 1L));
    }
  }

  @Test
  void aFrameThatGrowsTooOldWhileItWaitsIsNeverGivenToTheDevice() throws Exception {
    try (PlainPipeline plain = new PlainPipeline(maxAge(SECOND, true), 1)) {
      plain.hold();
      CompletableFuture<Outcome> first = plain.analyze("cam", 1);
      assertThat(plain.nextBatch()).containsExactly(1);
      List<CompletableFuture<Outcome>> waiting = new ArrayList<>();
      // More than there are slots: some wait for the device, the rest for a slot.
      for (int i = 2; i < 20; i++) {
        waiting.add(plain.analyze("cam", i));
      }
      plain.pass(Duration.ofMillis(1_001));
      CompletableFuture<Outcome> fresh = plain.analyze("cam", 20);
      plain.release();

      for (CompletableFuture<Outcome> outcome : waiting) {
        assertThat(PlainPipeline.deadLetter(outcome.join()).getReason())
            .isEqualTo(DeadLetterReason.STALE);
      }
      assertThat(first.join().emissions().get(0).channel()).isEqualTo(Channel.MASKS);
      assertThat(fresh.join().emissions().get(0).channel()).isEqualTo(Channel.MASKS);
      assertThat(plain.nextBatch()).as("after the first").containsExactly(20);
      assertThat(plain.shedFrames.counts().byCause())
          .isEqualTo(Map.of(ShedCause.TOO_OLD_WHILE_WAITING, 18L));
    }
  }

  @Test
  void aShedFrameMayLeaveACountOnly() {
    try (PlainPipeline plain = new PlainPipeline(maxAge(SECOND, false), 1)) {
      plain.pass(Duration.ofSeconds(9));

      Outcome outcome = plain.pipeline.analyze(PlainPipeline.record("cam", 7, 0)).join();

      assertThat(outcome.emissions()).isEmpty();
      assertThat(plain.shedFrames.counts().shedByCamera())
          .isEqualTo(Map.of(CameraId.named("cam"), 1L));
    }
  }

  @Test
  void aCamerasNewestFrameSupersedesThoseThatWaitBeforeIt() throws Exception {
    SheddingPolicy latestOnly = new SheddingPolicy(Duration.ZERO, SECOND, true, true);
    try (PlainPipeline plain = new PlainPipeline(latestOnly, 1)) {
      plain.hold();
      List<CompletableFuture<Outcome>> flood = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        flood.add(plain.analyze("flood", i));
      }
      CompletableFuture<Outcome> other = plain.analyze("other", 200);

      for (CompletableFuture<Outcome> outcome : flood.subList(2, 99)) {
        assertThat(PlainPipeline.deadLetter(outcome.join()).getMessage())
            .as("while the device is held")
            .isEqualTo("a newer frame of its camera came while it waited");
      }
      plain.release();
      for (CompletableFuture<Outcome> outcome :
          List.of(flood.get(0), flood.get(1), flood.get(99), other)) {
        assertThat(outcome.join().emissions().get(0).channel()).isEqualTo(Channel.MASKS);
      }
    }
  }

  @Test
  void camerasWhoseKeysAreNoTextDoNotSupersedeEachOther() throws Exception {
    SheddingPolicy latestOnly = new SheddingPolicy(Duration.ZERO, SECOND, true, true);
    try (PlainPipeline plain = new PlainPipeline(latestOnly, 1)) {
      plain.hold();
      List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
      for (int camera = 128; camera < 138; camera++) {
        SourceRecord record = PlainPipeline.record("cam", camera, 0);
        outcomes.add(
            plain.pipeline.analyze(
                new SourceRecord(
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    record.timestampMillis(),
                    new byte[] {0, 0, 0, (byte) camera},
                    record.value(),
                    record.headers(),
                    record.attemptId())));
      }
      plain.release();

      for (CompletableFuture<Outcome> outcome : outcomes) {
        assertThat(outcome.join().emissions().get(0).channel()).isEqualTo(Channel.MASKS);
      }
    }
  }

  @Test
  void aFrameThatAStreamThreadWaitsForGoesFirstWhereverItWaits() throws Exception {
    try (PlainPipeline plain = new PlainPipeline(SheddingPolicy.none(), 1)) {
      plain.hold();
      List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
      outcomes.add(plain.analyze("cam", 0));
      assertThat(plain.nextBatch()).containsExactly(0);
      for (int i = 1; i < 30; i++) {
        outcomes.add(plain.analyze("cam", i));
      }

      plain.pipeline.expedite(outcomes.get(29));
      plain.release();

      List<Integer> order = new ArrayList<>();
      for (int i = 1; i < 30; i++) {
        order.addAll(plain.nextBatch());
      }
      // When it was expedited it had no slot: those five that had one, less one, may go before it.
      assertThat(order.indexOf(29)).isLessThanOrEqualTo(ServedModel.slotCount(1, 1, 2));
      assertThat(order).hasSize(29).doesNotHaveDuplicates();
      outcomes.forEach(CompletableFuture::join);
    }
  }

  @Test
  void theDeviceNeverSeesFramesThatAreGivenUpWhereverTheyWait() throws Exception {
    try (PlainPipeline plain = new PlainPipeline(SheddingPolicy.none(), 1)) {
      plain.hold();
      CompletableFuture<Outcome> first = plain.analyze("cam", 0);
      assertThat(plain.nextBatch()).containsExactly(0);
      // More than there are slots: some wait for the device, the rest for a slot.
      List<CompletableFuture<Outcome>> waiting = new ArrayList<>();
      for (int i = 1; i < 30; i++) {
        waiting.add(plain.analyze("cam", i));
      }
      CompletableFuture<Outcome> wanted = plain.analyze("cam", 30);

      waiting.forEach(outcome -> outcome.cancel(false));
      plain.release();

      assertThat(wanted.join().emissions()).isNotEmpty();
      assertThat(plain.nextBatch()).as("after the first").containsExactly(30);
      assertThat(first.join().emissions()).isNotEmpty();
    }
  }

  @Test
  void theTopologyWritesEachFramesOneOutcomeInOrderWhetherShedOrNot() {
    try (PlainPipeline plain = new PlainPipeline(maxAge(SECOND, true), 1)) {
      Topology topology =
          SegmentationTopology.build(
              new SegmentationTopology.Settings(
                  FrameTopics.named(List.of("frames")),
                  "m",
                  "r",
                  "d",
                  4,
                  Duration.ofSeconds(20),
                  Duration.ZERO),
              plain.pipeline,
              new OutputTopics(Clock.systemUTC()),
              new EngineLatch(),
              "run",
              FrameMetrics.unread(System::nanoTime));
      plain.pass(Duration.ofSeconds(10));
      try (TopologyTestDriver driver = new TopologyTestDriver(topology, new Properties())) {
        var frames =
            driver.createInputTopic("frames", new ByteArraySerializer(), new ByteArraySerializer());
        for (int i = 0; i < 10; i++) {
          long madeMillis = i % 2 == 0 ? 0 : 9_500;
          frames.pipeInput(
              new TestRecord<>(
                  "cam".getBytes(UTF_8),
                  PlainPipeline.frame("cam", i, 256),
                  Instant.ofEpochMilli(PlainPipeline.START_MILLIS + madeMillis)));
        }

        var letters =
            driver
                .createOutputTopic("d", new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readValuesToList();
        assertThat(letters)
            .extracting(letter -> PlainPipeline.deadLetter(letter).getOutcomeId())
            .containsExactly("frames/0@0", "frames/0@2", "frames/0@4", "frames/0@6", "frames/0@8");
        assertThat(
                driver
                    .createOutputTopic(
                        "m", new ByteArrayDeserializer(), new ByteArrayDeserializer())
                    .readValuesToList())
            .hasSize(5);
      }
    }
  }

  private static SheddingPolicy maxAge(Duration maxAge, boolean deadLetters) {
    return new SheddingPolicy(maxAge, SECOND, false, deadLetters);
  }
}
