package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.inference.EngineChoice;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
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
        Traffic traffic = new Traffic(environment, PARTITIONS, SIDE)) {
      assertThat(service.awaitRunning(Duration.ofMinutes(1))).isTrue();
      List<String> served = new ArrayList<>(List.of(models.get(0).sha256()));
      traffic.flowUntil(() -> allSee(traffic, served.get(0)));
      for (int reload = 1; reload <= RELOADS; reload++) {
        if (reload == RELOADS / 2) {
          refuses(service, traffic, file, path(models.get(1)), warnings);
        }
        ModelFile next = models.get(reload % 2);
        replace(file, Files.readAllBytes(path(next)));
        service.reloadModel();
        traffic.flowUntil(() -> allSee(traffic, next.sha256()));
        served.add(next.sha256());
      }
      traffic.finish();

      assertThat(traffic.cameras()).extracting(Traffic.Camera::models).containsOnly(served);
      assertThat(traffic.answeredTwice()).isZero();
      traffic.flowUntil(() -> enginesOpen.get() == 1);
      traffic.finish();
      assertThat(service.isReady()).isTrue();
      assertThat(warnings.list).hasSize(4);
    }
    assertThat(enginesOpen).hasValue(0);
  }

  /** Whether the newest mask of every partition is that model's. */
  private static boolean allSee(Traffic traffic, String model) {
    return traffic.cameras().stream()
        .map(Traffic.Camera::models)
        .allMatch(models -> !models.isEmpty() && models.get(models.size() - 1).equals(model));
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
        Engines.of(EngineChoice.AUTO)
            .wrappedBy(
                started -> {
                  enginesOpen.incrementAndGet();
                  return new CountedEngine(started, enginesOpen);
                }));
  }
}
