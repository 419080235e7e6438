package io.atrous;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.MaskEvent;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.network.RandomModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * What a reload promises, on a real broker and with real networks: frames flow while the model file
 * is changed ten times, none is lost or answered twice, each partition changes models in the order
 * of the reloads and never back, and a file that can't be served changes nothing.
 */
@ExtendWith(SharedKafka.class)
@Timeout(300)
@Tag("slow")
final class ReloadContractTest {

  private static final int RELOADS = 10;
  private static final int PARTITIONS = 3;
  private static final int SIDE = 32;
  private static final int MAX_UNANSWERED = 60;

  @TempDir Path directory;

  private final AtomicInteger enginesOpen = new AtomicInteger();

  /** An engine that says when it is closed. */
  private record CountedEngine(SegmentationEngine engine, AtomicInteger open)
      implements SegmentationEngine {
    @Override
    public EngineProfile profile() {
      return engine.profile();
    }

    @Override
    public List<EngineMask> segment(List<ByteBuffer> images) {
      return engine.segment(images);
    }

    @Override
    public void close() {
      engine.close();
      open.decrementAndGet();
    }
  }

  @Test
  void reloadsWhileFramesFlow(EmbeddedKafka kafka) throws Exception {
    List<ModelFile> models = List.of(model(3, 0), model(3, 1));
    Path file = directory.resolve("model.safetensors");
    replace(file, Files.readAllBytes(path(models.get(0))));
    ListAppender<ILoggingEvent> warnings = warnings();
    try (ServiceEnvironment environment = new ServiceEnvironment(kafka, "reload", PARTITIONS);
        SegmentationService service = start(environment, file);
        Traffic traffic = new Traffic(environment)) {
      assertThat(service.awaitRunning(Duration.ofMinutes(1))).isTrue();
      List<String> served = new ArrayList<>(List.of(models.get(0).sha256()));
      traffic.flowUntil(() -> traffic.allSee(served.get(0)));
      for (int reload = 1; reload <= RELOADS; reload++) {
        if (reload == RELOADS / 2) {
          refuses(service, traffic, file, path(models.get(1)), warnings);
        }
        ModelFile next = models.get(reload % 2);
        replace(file, Files.readAllBytes(path(next)));
        service.reloadModel();
        traffic.flowUntil(() -> traffic.allSee(next.sha256()));
        served.add(next.sha256());
      }
      traffic.finish();

      assertThat(traffic.digests().values()).hasSize(PARTITIONS).containsOnly(served);
      assertThat(traffic.answersTwice).isZero();
      traffic.flowUntil(() -> enginesOpen.get() == 1);
      traffic.finish();
      assertThat(service.isReady()).isTrue();
      assertThat(warnings.list).hasSize(4);
    }
    assertThat(enginesOpen).hasValue(0);
  }

  /** Four files that can't be served: each leaves one line in the log. */
  private void refuses(
      SegmentationService service,
      Traffic traffic,
      Path file,
      Path sound,
      ListAppender<ILoggingEvent> warnings)
      throws IOException {
    byte[] bytes = Files.readAllBytes(sound);
    byte[] damaged = bytes.clone();
    Arrays.fill(damaged, 20, 60, (byte) 'x');
    for (byte[] bad :
        List.of(
            damaged,
            Arrays.copyOf(bytes, bytes.length / 2),
            Files.readAllBytes(path(model(4, 2))))) {
      replace(file, bad);
      refuses(service, traffic, warnings);
    }
    Files.delete(file);
    refuses(service, traffic, warnings);
  }

  private static void refuses(
      SegmentationService service, Traffic traffic, ListAppender<ILoggingEvent> warnings) {
    int before = warnings.list.size();
    service.reloadModel();
    traffic.flowUntil(() -> warnings.list.size() > before);
    assertThat(warnings.list.get(before).getFormattedMessage())
        .contains("random 1")
        .contains("goes on serving");
  }

  private static ListAppender<ILoggingEvent> warnings() {
    ListAppender<ILoggingEvent> warnings = new ListAppender<>();
    warnings.start();
    Logger log = (Logger) LoggerFactory.getLogger(ModelReload.class);
    log.setLevel(Level.WARN);
    log.addAppender(warnings);
    return warnings;
  }

  private ModelFile model(int classes, long seed) throws IOException {
    return RandomModels.write(
        directory,
        NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, classes),
        SIDE,
        SIDE,
        seed);
  }

  private static Path path(ModelFile model) {
    return Path.of(model.origin());
  }

  private void replace(Path file, byte[] bytes) throws IOException {
    Path beside = Files.write(directory.resolve("next"), bytes);
    Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private SegmentationService start(ServiceEnvironment environment, Path file) {
    return SegmentationService.start(
        environment.config(
            Map.of(
                "processing.guarantee", "exactly_once_v2",
                "stream.threads", "2",
                "model.file", file.toString(),
                "inference.device", "cpu",
                "inference.precision", "fp32",
                "inference.threads", "1",
                "batch.max.size", "4")),
        SegmentationService.TORCH_SCRIPT.wrappedBy(
            started -> {
              enginesOpen.incrementAndGet();
              return new CountedEngine(started, enginesOpen);
            }));
  }

  /** Cameras on every partition, and a consumer that sees only what is committed. */
  private static final class Traffic implements AutoCloseable {

    private final String framesTopic;
    private final String masksTopic;
    private final AvroEventSerde<FrameEvent> frames;
    private final AvroEventSerde<MaskEvent> masks;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, TreeMap<Long, String>> digestsByOffset = new TreeMap<>();
    private int sent;
    private int answered;
    private int answersTwice;

    Traffic(ServiceEnvironment environment) {
      framesTopic = environment.frames();
      masksTopic = environment.masks();
      frames = environment.serde(FrameEvent.class);
      frames.prepare(framesTopic);
      masks = environment.serde(MaskEvent.class);
      producer = environment.producer();
      consumer = environment.consumer(masksTopic);
    }

    /** Sends frames to all partitions and reads masks, again and again. */
    void flowUntil(BooleanSupplier condition) {
      while (!condition.getAsBoolean()) {
        if (sent - answered < MAX_UNANSWERED) {
          for (int partition = 0; partition < PARTITIONS; partition++) {
            send(partition);
          }
        }
        read();
      }
    }

    /** Reads until every frame has its mask. */
    void finish() {
      while (answered < sent) {
        read();
      }
    }

    private void send(int partition) {
      byte[] value =
          frames
              .serializer()
              .serialize(
                  framesTopic,
                  FrameEvent.newBuilder()
                      .setFrameId("frame-" + sent)
                      .setCameraId("camera-" + partition)
                      .setSequence(sent)
                      .setCapturedAt(Instant.EPOCH)
                      .setEncoding(FrameEncoding.GRAY8)
                      .setWidth(SIDE)
                      .setHeight(SIDE)
                      .setPayload(ByteBuffer.allocate(SIDE * SIDE))
                      .build());
      var unused =
          producer.send(
              new ProducerRecord<>(
                  framesTopic, partition, ("camera-" + partition).getBytes(UTF_8), value));
      sent++;
    }

    private void read() {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
        MaskEvent mask = masks.deserializer().deserialize(masksTopic, record.value());
        String[] place = mask.getOutcomeId().split("@", 2);
        String earlier =
            digestsByOffset
                .computeIfAbsent(place[0], any -> new TreeMap<>())
                .put(Long.parseLong(place[1]), mask.getModel().getSha256());
        if (earlier == null) {
          answered++;
        } else {
          answersTwice++;
        }
      }
    }

    /** Whether the newest mask of every partition is that model's. */
    boolean allSee(String digest) {
      return digestsByOffset.size() == PARTITIONS
          && digestsByOffset.values().stream()
              .allMatch(digests -> digests.lastEntry().getValue().equals(digest));
    }

    /** The models of each partition in the order of its offsets, each once per stretch. */
    Map<String, List<String>> digests() {
      Map<String, List<String>> stretches = new TreeMap<>();
      digestsByOffset.forEach(
          (partition, digests) -> {
            List<String> stretch = new ArrayList<>();
            for (String digest : digests.values()) {
              if (stretch.isEmpty() || !stretch.get(stretch.size() - 1).equals(digest)) {
                stretch.add(digest);
              }
            }
            stretches.put(partition, stretch);
          });
      return stretches;
    }

    @Override
    public void close() {
      producer.close();
      consumer.close();
      frames.close();
      masks.close();
    }
  }
}
