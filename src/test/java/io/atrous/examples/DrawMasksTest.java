package io.atrous.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.ClassSummary;
import io.atrous.event.LoopbackSerdes;
import io.atrous.event.MaskEncoding;
import io.atrous.event.MaskEvent;
import io.atrous.event.ModelReference;
import io.atrous.event.ResizePolicy;
import io.atrous.event.Timings;
import io.atrous.mask.Mask;
import io.atrous.mask.MaskFormat;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The program of {@code examples/python}, reading from a real broker. */
@ExtendWith(SharedKafka.class)
@Timeout(120)
@Tag("slow")
@SuppressWarnings("FutureReturnValueIgnored") // A commit or flush fails if one of them did.
final class DrawMasksTest {

  private static final String TOPIC = "draw-masks";
  private static final int WIDTH = 40;
  private static final int HEIGHT = 30;

  @TempDir private Path directory;

  private final byte[] labels = new byte[WIDTH * HEIGHT];

  @Test
  void drawsTheCommittedMasksOfEveryEncoding(EmbeddedKafka kafka) throws Exception {
    ExternalProgram python = ExternalProgram.python();
    python.assume(
        "python3 with confluent-kafka, fastavro and pillow is not here",
        "-c",
        "import confluent_kafka, fastavro, PIL");
    new Random(1).nextBytes(labels);
    kafka.createTopic(TOPIC, 2);
    ExternalProgram.Result result;
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start()) {
      send(kafka, registry);

      result =
          python.run(
              Path.of("examples", "python"),
              "draw_masks.py",
              "--bootstrap=" + kafka.bootstrapServers(),
              "--registry=" + registry.url(),
              "--topic=" + TOPIC,
              "--out=" + directory,
              "--count=3");
    }

    assertThat(result.exitCode()).as(result.said()).isZero();
    assertThat(result.said()).hasLineCount(3).contains("'gate'", "0 regions", "'road'");
    assertThat(directory).isDirectoryNotContaining("glob:**aborted*");
    for (MaskFormat format : MaskFormat.values()) {
      BufferedImage picture =
          ImageIO.read(directory.resolve("frames_0_" + format.name() + ".png").toFile());
      int[] drawn = picture.getRaster().getPixels(0, 0, WIDTH, HEIGHT, new int[WIDTH * HEIGHT]);
      for (int at = 0; at < drawn.length; at++) {
        assertThat(drawn[at]).isEqualTo(Byte.toUnsignedInt(labels[at]));
      }
    }
  }

  private void send(EmbeddedKafka kafka, LoopbackSchemaRegistry registry) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", TOPIC);
    try (AvroEventSerde<MaskEvent> serde = LoopbackSerdes.serde(MaskEvent.class, registry);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(record(serde, mask("aborted", MaskFormat.PNG)));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      for (MaskFormat format : MaskFormat.values()) {
        producer.send(record(serde, mask("frames/0@" + format.name(), format)));
      }
      producer.commitTransaction();
    }
  }

  private static ProducerRecord<byte[], byte[]> record(
      AvroEventSerde<MaskEvent> serde, MaskEvent mask) {
    return new ProducerRecord<>(TOPIC, serde.serializer().serialize(TOPIC, mask));
  }

  private MaskEvent mask(String outcomeId, MaskFormat format) {
    byte[] encoded = format.codec().encode(new Mask(WIDTH, HEIGHT, labels));
    return MaskEvent.newBuilder()
        .setOutcomeId(outcomeId)
        .setAttemptId("attempt")
        .setFrameId("frame")
        .setCameraId("gate")
        .setSequence(0)
        .setCapturedAt(Instant.parse("2026-01-02T12:00:00Z"))
        .setModel(new ModelReference("m", "1", "0".repeat(64), "fp32"))
        .setFrameWidth(WIDTH)
        .setFrameHeight(HEIGHT)
        .setMaskWidth(WIDTH)
        .setMaskHeight(HEIGHT)
        .setResizePolicy(ResizePolicy.FIT)
        .setEncoding(MaskEncoding.valueOf(format.name()))
        .setLabels(ByteBuffer.wrap(encoded))
        .setConfidence(null)
        .setClasses(List.of(new ClassSummary(0, "road", 1L, null)))
        .setRegionCount(0)
        .setRegionsCapped(false)
        .setTimings(new Timings(0L, 0L, 1, 0L, 0L))
        .setFrameOrientation(1)
        .build();
  }
}
