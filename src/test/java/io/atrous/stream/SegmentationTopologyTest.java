package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.stream.Outcome.Channel;
import io.atrous.stream.Outcome.Emission;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** What the topology reads and writes; the driver commits after each record. */
final class SegmentationTopologyTest {

  private static final byte[] KEY = {1, 2};

  private final List<SourceRecord> analyzed = new ArrayList<>();
  private Outcome answer = new Outcome(null, List.of());

  private Topology topology(FrameTopics frames) {
    return SegmentationTopology.build(
        new SegmentationTopology.Settings(
            frames, "masks", "regions", "dead-letters", 4, Duration.ofSeconds(1), Duration.ZERO),
        record -> {
          analyzed.add(record);
          return CompletableFuture.completedFuture(answer);
        },
        new OutputTopics(Clock.systemUTC()),
        new EngineLatch(),
        "run",
        FrameMetrics.unread(() -> 0));
  }

  private static void send(
      TopologyTestDriver driver, String topic, TestRecord<byte[], byte[]> frame) {
    driver
        .createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(frame);
  }

  private static TestRecord<byte[], byte[]> frame(byte[] key, byte[] value) {
    Headers headers = new RecordHeaders().add("trace", new byte[] {7});
    return new TestRecord<>(key, value, headers, 1234L);
  }

  private static List<TestRecord<byte[], byte[]>> read(TopologyTestDriver driver, String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  @Test
  void writesEachEmissionToItsTopicWithTheFramesTimestampAndWithoutItsHeaders() {
    answer =
        new Outcome(
            KEY,
            List.of(
                emission(Channel.MASKS, "m"),
                emission(Channel.REGIONS, "r0"),
                emission(Channel.REGIONS, "r1"),
                emission(Channel.DEAD_LETTERS, "d")));
    try (TopologyTestDriver driver =
        new TopologyTestDriver(topology(FrameTopics.named(List.of("frames"))), new Properties())) {
      send(driver, "frames", frame(KEY, new byte[] {5}));

      assertThat(texts(read(driver, "masks"))).containsExactly("m");
      assertThat(texts(read(driver, "dead-letters"))).containsExactly("d");
      List<TestRecord<byte[], byte[]>> regions = read(driver, "regions");
      assertThat(texts(regions)).containsExactly("r0", "r1");
      assertThat(regions)
          .allSatisfy(
              region -> {
                assertThat(region.key()).isEqualTo(KEY);
                assertThat(region.timestamp()).isEqualTo(1234L);
                assertThat(region.headers()).isEmpty();
              });
    }
  }

  @Test
  void tellsTheAnalyzerAllOfTheSourceRecord() {
    try (TopologyTestDriver driver =
        new TopologyTestDriver(topology(FrameTopics.named(List.of("frames"))), new Properties())) {
      send(driver, "frames", frame(KEY, new byte[] {5}));
      send(driver, "frames", frame(KEY, new byte[] {6}));

      SourceRecord second = analyzed.get(1);
      assertThat(second.outcomeId()).isEqualTo("frames/0@1");
      assertThat(second.key()).isEqualTo(KEY);
      assertThat(second.value()).containsExactly(6);
      assertThat(second.timestampMillis()).isEqualTo(1234L);
      assertThat(second.headers().lastHeader("trace").value()).containsExactly(7);
    }
  }

  @Test
  @SuppressWarnings("NullAway") // Records from elsewhere may lack both.
  void takesARecordWithoutKeyAndValue() {
    try (TopologyTestDriver driver =
        new TopologyTestDriver(topology(FrameTopics.named(List.of("frames"))), new Properties())) {
      send(driver, "frames", new TestRecord<>(null, null, new RecordHeaders(), 0L));

      assertThat(analyzed.get(0).key()).isNull();
      assertThat(analyzed.get(0).value()).isNull();
    }
  }

  @Test
  void readsEveryTopicOfTheListAndOfThePattern() {
    for (FrameTopics topics :
        List.of(
            FrameTopics.named(List.of("north-frames", "south-frames")),
            FrameTopics.matching(Pattern.compile(".*-frames")))) {
      analyzed.clear();
      try (TopologyTestDriver driver = new TopologyTestDriver(topology(topics), new Properties())) {
        send(driver, "north-frames", frame(KEY, KEY));
        send(driver, "south-frames", frame(KEY, KEY));

        assertThat(analyzed)
            .extracting(SourceRecord::topic)
            .containsExactly("north-frames", "south-frames");
      }
    }
  }

  @Test
  void givesEveryInitialisationOfATaskItsOwnAttemptId() {
    Topology topology = topology(FrameTopics.named(List.of("frames")));
    for (int life = 0; life < 2; life++) {
      try (TopologyTestDriver driver = new TopologyTestDriver(topology, new Properties())) {
        send(driver, "frames", frame(KEY, KEY));
        send(driver, "frames", frame(KEY, KEY));
      }
    }

    assertThat(analyzed)
        .extracting(SourceRecord::attemptId)
        .allMatch(id -> id.startsWith("run-"))
        .hasSize(4)
        .matches(ids -> ids.get(0).equals(ids.get(1)), "one id per life")
        .matches(ids -> ids.get(2).equals(ids.get(3)), "one id per life")
        .matches(ids -> !ids.get(0).equals(ids.get(2)), "another id in another life");
  }

  @Test
  void failsTheTaskWhenAFrameHasNoOutcome() {
    Topology topology =
        SegmentationTopology.build(
            new SegmentationTopology.Settings(
                FrameTopics.named(List.of("frames")),
                "m",
                "r",
                "d",
                4,
                Duration.ofSeconds(1),
                Duration.ZERO),
            record -> CompletableFuture.failedFuture(new IllegalStateException("crash")),
            new OutputTopics(Clock.systemUTC()),
            new EngineLatch(),
            "run",
            FrameMetrics.unread(() -> 0));
    TopologyTestDriver driver = new TopologyTestDriver(topology, new Properties());

    assertThatThrownBy(() -> send(driver, "frames", frame(KEY, KEY)))
        .rootCause()
        .hasMessage("crash");
  }

  @Test
  void refusesToWriteToATopicItReads() {
    assertThatThrownBy(() -> topology(FrameTopics.matching(Pattern.compile(".*s"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("can't be both read from and written to");
    assertThatThrownBy(() -> topology(FrameTopics.named(List.of("frames", "masks"))))
        .hasMessageContaining("'masks'");
  }

  private static Emission emission(Channel channel, String value) {
    return new Emission(channel, value.getBytes(UTF_8));
  }

  private static List<String> texts(List<TestRecord<byte[], byte[]>> records) {
    return records.stream().map(record -> new String(record.value(), UTF_8)).toList();
  }
}
