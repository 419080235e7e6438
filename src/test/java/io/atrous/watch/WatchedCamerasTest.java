package io.atrous.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.atrous.event.ClassSummary;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.MaskEvent;
import io.atrous.event.RandomEvents;
import io.atrous.event.RegionEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is counted of cameras. */
final class WatchedCamerasTest {

  private static final Instant START = Instant.parse("2026-01-02T12:00:00Z");

  private final RandomEvents random = new RandomEvents(3);
  private final TurnedClock clock = new TurnedClock(START);
  private final WatchedCameras cameras = new WatchedCameras(clock);

  @Test
  void countsMasksRegionsAndDeadLettersOfEachCamera() {
    mask("b", Duration.ofMillis(200));
    mask("a", Duration.ofMillis(100));
    mask("a", Duration.ofMillis(300));
    region("a");
    deadLetter("a", DeadLetterReason.STALE);
    deadLetter("a", DeadLetterReason.STALE);
    deadLetter("a", DeadLetterReason.TOO_LARGE);
    clock.turn(Duration.ofSeconds(2));

    List<CameraFigures> figures = cameras.figures();

    assertThat(figures).extracting(CameraFigures::camera).containsExactly("a", "b");
    CameraFigures a = figures.get(0);
    assertThat(a.masks()).isEqualTo(2);
    assertThat(a.regions()).isEqualTo(1);
    assertThat(a.deadLetters())
        .containsExactly(entry(DeadLetterReason.TOO_LARGE, 1L), entry(DeadLetterReason.STALE, 2L));
    assertThat(a.latency())
        .isEqualTo(new CameraFigures.Latency(Duration.ofMillis(100), Duration.ofMillis(300)));
    assertThat(a.silence()).isEqualTo(Duration.ofSeconds(2));
    assertThat(figures.get(1).deadLetters()).isEmpty();
  }

  @Test
  void showsTheClassesOfTheLastMaskTheLargestFirst() {
    mask("a", Duration.ZERO);

    assertThat(cameras.figures().get(0).classes())
        .containsExactly(entry("road", 0.75), entry("person", 0.25));
  }

  @Test
  void latencyIsThatOfTheLastSeconds() {
    mask("a", Duration.ofSeconds(9));
    clock.turn(EventRate.WINDOW.plusMillis(1));
    assertThat(cameras.figures().get(0).latency()).isNull();

    mask("a", Duration.ofMillis(50));
    assertThat(cameras.figures().get(0).latency())
        .isEqualTo(new CameraFigures.Latency(Duration.ofMillis(50), Duration.ofMillis(50)));
  }

  @Test
  void theCameraOfAFrameThatNobodyReadIsItsKey() {
    DeadLetterEvent letter =
        DeadLetterEvent.newBuilder(random.next(DeadLetterEvent.class))
            .setCameraId(null)
            .setSourceKey(ByteBuffer.wrap("gate".getBytes(StandardCharsets.UTF_8)))
            .build();
    cameras.deadLetter(letter);
    cameras.deadLetter(DeadLetterEvent.newBuilder(letter).setSourceKey(null).build());

    assertThat(cameras.figures()).extracting(CameraFigures::camera).containsExactly("gate", null);
  }

  @Test
  void ofTooManyCamerasTheMostSilentAreForgotten() {
    deadLetter("kept", DeadLetterReason.STALE);
    for (int camera = 0; camera < 3 * WatchedCameras.MAX_CAMERAS; camera++) {
      deadLetter("camera-" + camera, DeadLetterReason.STALE);
      deadLetter("kept", DeadLetterReason.STALE);
    }

    assertThat(cameras.figures())
        .hasSize(WatchedCameras.MAX_CAMERAS)
        .extracting(CameraFigures::camera)
        .contains("kept", "camera-" + (3 * WatchedCameras.MAX_CAMERAS - 1))
        .doesNotContain("camera-0");
  }

  @Test
  void whateverAnEventHoldsIsCounted() {
    for (int event = 0; event < 500; event++) {
      cameras.mask(random.next(MaskEvent.class), START);
      cameras.region(random.next(RegionEvent.class));
      cameras.deadLetter(random.next(DeadLetterEvent.class));
    }

    assertThat(cameras.figures()).isNotEmpty();
  }

  private void mask(String camera, Duration latency) {
    cameras.mask(
        MaskEvent.newBuilder(random.next(MaskEvent.class))
            .setCameraId(camera)
            .setCapturedAt(clock.instant().minus(latency))
            .setMaskWidth(20)
            .setMaskHeight(10)
            .setClasses(
                List.of(
                    new ClassSummary(0, "person", 50L, null),
                    new ClassSummary(1, "road", 150L, null)))
            .build(),
        clock.instant());
  }

  private void region(String camera) {
    cameras.region(
        RegionEvent.newBuilder(random.next(RegionEvent.class)).setCameraId(camera).build());
  }

  private void deadLetter(String camera, DeadLetterReason reason) {
    cameras.deadLetter(
        DeadLetterEvent.newBuilder(random.next(DeadLetterEvent.class))
            .setCameraId(camera)
            .setReason(reason)
            .build());
  }
}
