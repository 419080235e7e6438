package io.atrous.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.LoopbackSerdes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Synthetic cameras on a real broker. */
@ExtendWith(SharedKafka.class)
@Timeout(120)
@Tag("slow")
final class CamerasCommandTest {

  private static final AtomicInteger TESTS = new AtomicInteger();
  private static final int PARTITIONS = 2;

  private final String topic = "cameras-" + TESTS.getAndIncrement();
  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final EmbeddedKafka kafka;

  CamerasCommandTest(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void eachCameraFilmsInOrderIntoOnePartitionAndTheyShareWhatThereAre() {
    kafka.createTopic(topic, PARTITIONS);

    CommandRun run = cameras(topic, "--cameras=3", "--rate=3", "--seconds=2");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    List<ConsumerRecord<byte[], byte[]>> records = records();
    assertThat(run.out()).contains(records.size() + " frames sent, ");
    try (AvroEventSerde<FrameEvent> serde = LoopbackSerdes.serde(FrameEvent.class, registry)) {
      for (int camera = 0; camera < 3; camera++) {
        String id = "street-" + camera;
        List<ConsumerRecord<byte[], byte[]>> own =
            records.stream().filter(sent -> new String(sent.key(), UTF_8).equals(id)).toList();
        List<FrameEvent> frames =
            own.stream()
                .map(sent -> serde.deserializer().deserialize(topic, sent.value()))
                .toList();
        assertThat(own).isNotEmpty();
        assertThat(own).extracting(ConsumerRecord::partition).containsOnly(camera % PARTITIONS);
        assertThat(frames)
            .extracting(FrameEvent::getSequence)
            .containsExactlyElementsOf(
                IntStream.range(0, frames.size()).mapToObj(Long::valueOf).toList());
        assertThat(frames).allMatch(frame -> frame.getCameraId().equals(id));
        assertThat(frames).allMatch(frame -> frame.getEncoding() == FrameEncoding.JPEG);
      }
    }
  }

  @Test
  void aTopicThatIsMissingIsNamed() {
    CommandRun run = cameras(topic, "--seconds=1");

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).contains(topic, "frames.topics");
  }

  @Test
  void theyFilmIntoOneTopicOnly() {
    CommandRun run = cameras(topic + "," + topic + "-b", "--seconds=1");

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).startsWith("atrous: ").contains("frames.topics").hasLineCount(1);
  }

  @Test
  void aRegistryThatDoesNotAnswerIsNamed() {
    kafka.createTopic(topic, PARTITIONS);
    registry.close();

    CommandRun run = cameras(topic, "--seconds=1");

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).contains("schema.registry.url");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--cameras=0", "--cameras=257", "--rate=0", "--rate=NaN", "--seconds=0"})
  void impossibleNumbersAreRefused(String option) {
    CommandRun run = cameras(topic, option);

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).contains(option.substring(0, option.indexOf('=')) + " must be ");
  }

  private CommandRun cameras(String topics, String... options) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                "cameras",
                "--set=application.id=cameras",
                "--set=bootstrap.servers=" + kafka.bootstrapServers(),
                "--set=schema.registry.url=" + registry.url(),
                "--set=max.retries=0",
                "--set=frames.topics=" + topics));
    arguments.addAll(List.of(options));
    return CommandRun.of(arguments.toArray());
  }

  private List<ConsumerRecord<byte[], byte[]>> records() {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, PARTITIONS)
              .mapToObj(partition -> new TopicPartition(topic, partition))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
      while (records.size() < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }
}
