package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.ConfluentSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.FrameReference;
import io.atrous.event.MaskEvent;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import io.atrous.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * References through the whole service: real broker, real files, the shipped model; by our own
 * serde and by Confluent's own classes.
 */
@ExtendWith(SharedKafka.class)
@Timeout(240)
@Tag("slow")
final class ClaimCheckTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(classes = {AvroEventSerde.class, ConfluentSerde.class})
  void aFrameThatLiesWhereItMayBecomesAMaskAndOneThatLiesElsewhereADeadLetter(
      Class<? extends Serde<?>> serde, EmbeddedKafka kafka) throws Exception {
    byte[] jpeg = FrameEncoder.jpeg(RgbImage.allocate(320, 240), 80);
    Path allowed = Files.createDirectories(directory.resolve("frames"));
    Path inside = Files.write(allowed.resolve("a.jpg"), jpeg);
    Path outside = Files.write(directory.resolve("secret.jpg"), jpeg);
    try (ServiceEnvironment environment =
        new ServiceEnvironment(kafka, "claim-check-" + serde.getSimpleName(), 1)) {
      send(environment, "inside", reference(inside, sha256(jpeg)));
      send(environment, "outside", reference(outside, sha256(jpeg)));
      send(environment, "changed", reference(inside, "00".repeat(32)));

      try (SegmentationService service =
          SegmentationService.start(
              environment.config(
                  Map.of(
                      "event.serde", serde.getName(),
                      "model.file", Model.SHIPPED,
                      "frames.references.allowed.prefixes", allowed.toUri().toString())))) {
        assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();

        List<MaskEvent> masks = environment.read(MaskEvent.class, environment.masks(), 1);
        List<DeadLetterEvent> letters =
            environment.read(DeadLetterEvent.class, environment.deadLetters(), 2);

        assertThat(masks).extracting(MaskEvent::getFrameId).containsExactly("inside");
        assertThat(masks.get(0).getFrameWidth()).isEqualTo(320);
        assertThat(letters)
            .extracting(DeadLetterEvent::getFrameId, DeadLetterEvent::getReason)
            .containsExactly(
                tuple("outside", DeadLetterReason.REFERENCE_UNAVAILABLE),
                tuple("changed", DeadLetterReason.REFERENCE_MISMATCH));
        assertThat(letters.get(0).getMessage()).contains("'frames.references.allowed.prefixes'");
      }
    }
  }

  private static FrameReference reference(Path file, String sha256) throws IOException {
    return new FrameReference(file.toUri().toString(), Files.size(file), sha256);
  }

  private static void send(ServiceEnvironment environment, String frameId, FrameReference reference)
      throws Exception {
    environment.send(
        environment.serialize(
            FrameEvent.newBuilder()
                .setFrameId(frameId)
                .setCameraId("camera")
                .setSequence(1)
                .setCapturedAt(Instant.EPOCH)
                .setEncoding(FrameEncoding.JPEG)
                .setPayload(reference)
                .build()));
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
