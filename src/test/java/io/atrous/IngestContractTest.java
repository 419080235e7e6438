package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.MaskEvent;
import io.atrous.ingest.Ingest;
import io.atrous.model.Model;
import io.atrous.settings.IngestConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A video file through it all: ffmpeg, Kafka, the service with its network, masks. */
@EnabledIf(value = "ffmpegIsThere", disabledReason = "needs ffmpeg")
@ExtendWith(SharedKafka.class)
@Timeout(180)
@Tag("slow")
final class IngestContractTest {

  private static final int FRAMES = 12;

  @TempDir Path folder;

  static boolean ffmpegIsThere() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(place -> Files.isExecutable(Path.of(place, "ffmpeg")));
  }

  @Test
  void aVideoFileBecomesAMaskForEachFrameInOrder(EmbeddedKafka kafka) throws Exception {
    Path video = folder.resolve("street.mp4");
    Process ffmpeg =
        new ProcessBuilder(
                ("ffmpeg -nostdin -loglevel error -f lavfi -i testsrc=size=320x180:rate="
                        + FRAMES
                        + " -t 1 -c:v libx264 -bf 2 -pix_fmt yuv420p "
                        + video)
                    .split(" ", -1))
            .inheritIO()
            .start();
    assertThat(ffmpeg.waitFor()).isZero();
    try (ServiceEnvironment environment = new ServiceEnvironment(kafka, "ingest", 1);
        SegmentationService service =
            SegmentationService.start(
                environment.config(
                    Map.of("model.file", Model.SHIPPED, "inference.device", "cpu")))) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
      Map<String, String> settings =
          new TreeMap<>(
              Map.of(
                  "bootstrap.servers", kafka.bootstrapServers(),
                  "schema.registry.url", environment.registryUrl().toString(),
                  "frames.topics", environment.frames(),
                  "camera.gate.url", video.toString(),
                  "web.listen", "none"));

      try (Ingest ingest =
          Ingest.start(IngestConfig.of(settings), Clock.systemUTC(), System::nanoTime)) {
        assertThat(ingest.await()).isEqualTo(new Ingest.Report(FRAMES, 0));
      }

      List<MaskEvent> masks = environment.read(MaskEvent.class, environment.masks(), FRAMES);
      assertThat(masks).extracting(MaskEvent::getCameraId).containsOnly("gate");
      assertThat(masks)
          .extracting(MaskEvent::getSequence)
          .containsExactlyElementsOf(LongStream.range(0, FRAMES).boxed().toList());
    }
  }
}
