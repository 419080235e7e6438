package io.atrous;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import io.atrous.examples.alerts.AlertEvent;
import io.atrous.examples.alerts.AlertPhase;
import io.atrous.examples.alerts.Alerts;
import io.atrous.inference.BlankEngine;
import io.atrous.inference.EngineMask;
import io.atrous.inference.ScriptedBackend;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.Model;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Frames in, alerts out: the service and the program of {@code examples/alerts} on a broker. With
 * {@code -Datrous.render=true} it records what the service writes, for the example's own tests.
 */
@ExtendWith(SharedKafka.class)
@Timeout(300)
@Tag("slow")
final class AlertExampleTest {

  private static final Instant START = Instant.parse("2026-01-02T12:00:00Z");
  private static final int SIDE = 8;
  private static final byte PERSON = 6;
  private static final String REGIONS = "alert-example-regions";
  private static final Path RECORDING =
      Path.of("examples/alerts/src/test/resources/io/atrous/examples/alerts/recorded.txt");

  private static final String ZONES =
      """
      [{"camera": "gate", "name": "left", "class": "person",
        "polygon": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]],
        "onShare": 0.2, "offShare": 0.1, "onSeconds": 2, "offSeconds": 3,
        "maxGapSeconds": 2, "updateSeconds": 60, "cooldownSeconds": 0}]
      """;

  @TempDir private Path directory;

  @Test
  void somebodyInAZoneIsOneEpisodeFromItsBeginToItsEnd(EmbeddedKafka kafka) throws Exception {
    try (ServiceEnvironment environment = new ServiceEnvironment(kafka, "alert-example", 1);
        SegmentationService service = start(environment)) {
      String alerts = "alert-example-alerts";
      kafka.createTopic(alerts, 1);
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
      try (Alerts program = new Alerts(properties(kafka, environment, alerts), zones())) {
        program.start();
        film(environment, 0, 2, 0);
        film(environment, 2, 4, 255);
        environment.send(new byte[] {1, 2, 3}); // a dead letter
        film(environment, 7, 2, 255);
        film(environment, 9, 5, 0);

        List<AlertEvent> events = environment.read(AlertEvent.class, alerts, 2);
        assertThat(events)
            .extracting(AlertEvent::getPhase)
            .containsExactly(AlertPhase.BEGIN, AlertPhase.END);
        AlertEvent begin = events.get(0);
        assertThat(begin.getCameraId()).isEqualTo("gate");
        assertThat(begin.getShare()).isEqualTo(1);
        assertThat(begin.getCoveredSince()).isEqualTo(START.plusSeconds(2));
        assertThat(begin.getCapturedAt()).isEqualTo(START.plusSeconds(4));
        assertThat(begin.getRegionIds()).hasSize(1);
        assertThat(events.get(1).getAlertId()).isEqualTo(begin.getAlertId());
        assertThat(events.get(1).getCapturedAt()).isEqualTo(START.plusSeconds(12));
        if (Boolean.getBoolean("atrous.render")) {
          record(environment);
        }
      }
    }
  }

  /** Keeps what the service wrote, for the example's own tests. */
  private static void record(ServiceEnvironment environment) throws IOException {
    List<String> lines = new ArrayList<>();
    int regions = 0;
    for (MaskEvent mask : environment.read(MaskEvent.class, environment.masks(), 13)) {
      regions += mask.getRegionCount();
      lines.add("masks " + base64(mask.toByteBuffer()));
    }
    for (RegionEvent region : environment.read(RegionEvent.class, REGIONS, regions)) {
      lines.add("regions " + base64(region.toByteBuffer()));
    }
    Files.write(RECORDING, lines);
  }

  private static String base64(ByteBuffer bytes) {
    return UTF_8.decode(Base64.getEncoder().encode(bytes)).toString();
  }

  /** A frame a second, as bright as that on the left. */
  private static void film(ServiceEnvironment environment, int second, int frames, int brightness)
      throws Exception {
    for (int frame = second; frame < second + frames; frame++) {
      ByteBuffer payload = ByteBuffer.allocate(SIDE * SIDE);
      for (int at = 0; at < SIDE * SIDE; at++) {
        payload.put(at, (byte) (at % SIDE < SIDE / 2 ? brightness : 0));
      }
      environment.send(
          environment.serialize(
              FrameEvent.newBuilder()
                  .setFrameId("frame-" + frame)
                  .setCameraId("gate")
                  .setSequence(frame)
                  .setCapturedAt(START.plusSeconds(frame))
                  .setEncoding(FrameEncoding.GRAY8)
                  .setWidth(SIDE)
                  .setHeight(SIDE)
                  .setPayload(payload)
                  .setAttributes(Map.of())
                  .build()));
    }
  }

  private static SegmentationService start(ServiceEnvironment environment) {
    return SegmentationService.start(
        environment.config(
            Map.of(
                "inference.device", "cpu",
                "model.file", Model.SHIPPED,
                // A loaded machine may be slow; here nothing is to give up for it.
                "drain.timeout.ms", "60000",
                "streams.producer.transaction.timeout.ms", "120000",
                "processing.guarantee", "exactly_once_v2")),
        new ScriptedBackend(0, (model, settings) -> brightIsPerson(settings.maxBatchSize())));
  }

  private static SegmentationEngine brightIsPerson(int maxBatchSize) {
    return new BlankEngine(SIDE, maxBatchSize) {
      @Override
      public List<EngineMask> segment(List<ByteBuffer> images) {
        return images.stream().map(image -> new EngineMask(labels(image), null)).toList();
      }
    };
  }

  private static byte[] labels(ByteBuffer image) {
    byte[] labels = new byte[SIDE * SIDE];
    for (int at = 0; at < labels.length; at++) {
      labels[at] = image.get(3 * at) < 0 ? PERSON : 0;
    }
    return labels;
  }

  private Properties properties(
      EmbeddedKafka kafka, ServiceEnvironment environment, String alerts) {
    Properties properties = new Properties();
    properties.putAll(
        Map.of(
            "application.id", "alert-example-alerts",
            "bootstrap.servers", kafka.bootstrapServers(),
            "schema.registry.url", environment.registryUrl().toString(),
            "state.dir", directory.resolve("state").toString(),
            "masks.topic", environment.masks(),
            "regions.topic", REGIONS,
            "alerts.topic", alerts));
    return properties;
  }

  private Path zones() throws IOException {
    return Files.writeString(directory.resolve("zones.json"), ZONES);
  }
}
