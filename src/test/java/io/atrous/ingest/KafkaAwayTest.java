package io.atrous.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.Await;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEvent;
import io.atrous.event.LoopbackSerdes;
import io.atrous.settings.IngestConfig;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A camera goes on while its broker is killed and comes back. */
@EnabledIf(value = "io.atrous.ingest.IngestTest#ffmpegIsThere", disabledReason = "needs ffmpeg")
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class KafkaAwayTest {

  private static final String TOPIC = "frames";
  private static final int BUFFER = 4;
  private static final int LOST = 20;

  @Test
  void theNewestFramesAreKeptTheOthersAreCountedAndNumbersHaveNoGap() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
        MjpegServer server = new MjpegServer()) {
      kafka.createTopic(TOPIC, 1);
      String address =
          server.add(
              "camera",
              (connection, player) -> {
                for (int i = 0; !player.pause(20); i++) {
                  player.send(NumberedJpegs.jpeg(i));
                }
              });
      Map<String, String> settings = new HashMap<>();
      settings.put("bootstrap.servers", kafka.bootstrapServers());
      settings.put("schema.registry.url", registry.url().toString());
      settings.put("frames.topics", TOPIC);
      settings.put("camera.gate.url", "http://" + address);
      settings.put("camera.buffer.frames", String.valueOf(BUFFER));
      settings.put("web.listen", "none");
      try (Ingest ingest =
          Ingest.start(IngestConfig.of(settings), Clock.systemUTC(), System::nanoTime)) {
        Await.until("frames flow", () -> ingest.report().framesSent() >= BUFFER);
        kafka.kill(0);
        long before = ingest.report().framesDropped();
        Await.until("frames are dropped", () -> ingest.report().framesDropped() >= before + LOST);
        long sent = ingest.report().framesSent();
        kafka.restart(0);
        Await.until("frames flow again", () -> ingest.report().framesSent() >= sent + 5 * BUFFER);
        ingest.stop();
        Ingest.Report report = ingest.await();

        List<FrameEvent> frames = frames(kafka, registry, report.framesSent());
        List<Integer> numbers =
            frames.stream()
                .map(frame -> NumberedJpegs.number(((ByteBuffer) frame.getPayload()).array()))
                .toList();
        assertThat(numbers).isSorted().doesNotHaveDuplicates().doesNotContain(-1);
        int last = numbers.get(numbers.size() - 1);
        assertThat(last).as("a new one").isGreaterThan(LOST);
        assertThat(report.framesSent() + report.framesDropped())
            .as("each is in Kafka or counted")
            .isEqualTo(last + 1L);
        assertThat(frames.stream().map(FrameEvent::getSequence))
            .isEqualTo(LongStream.range(0, frames.size()).boxed().toList());
      }
    }
  }

  private static List<FrameEvent> frames(
      EmbeddedKafka kafka, LoopbackSchemaRegistry registry, long count) {
    List<FrameEvent> frames = new ArrayList<>();
    try (AvroEventSerde<FrameEvent> serde = LoopbackSerdes.serde(FrameEvent.class, registry);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      List<TopicPartition> partition = List.of(new TopicPartition(TOPIC, 0));
      consumer.assign(partition);
      consumer.seekToBeginning(partition);
      while (frames.size() < count) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          frames.add(serde.deserializer().deserialize(TOPIC, record.value()));
        }
      }
    }
    return frames;
  }
}
