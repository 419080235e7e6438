package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.stream.ShedFrames.Counts;
import org.junit.jupiter.api.Test;

final class ShedFramesTest {

  private final ShedFrames frames = new ShedFrames();

  @Test
  void tellsWhatWasShedSinceAnEarlierLook() {
    frames.countShed(ShedCause.SUPERSEDED, CameraId.named("north"));
    Counts earlier = frames.counts();
    for (int i = 0; i < 3; i++) {
      frames.countShed(ShedCause.SUPERSEDED, CameraId.named("north"));
    }
    frames.countShed(ShedCause.TOO_OLD_ON_ARRIVAL, CameraId.named("south"));
    frames.countSkewed(CameraId.named("west"));

    Counts news = frames.counts().since(earlier);

    assertThat(news)
        .hasToString(
            "4 frames shed: SUPERSEDED 3, TOO OLD ON ARRIVAL 1; of cameras: north 3, south 1;"
                + " 1 frames from the future: west 1");
    assertThat(news.since(news).isEmpty()).isTrue();
  }

  @Test
  void losesNoCountHoweverManyCamerasRecordsName() {
    for (int i = 0; i < 5_000; i++) {
      frames.countShed(ShedCause.SUPERSEDED, CameraId.named("camera-" + i));
    }

    assertThat(frames.counts().shed()).isEqualTo(5_000);
    assertThat(frames.counts().shedByCamera()).hasSizeLessThan(1_002);
    assertThat(frames.counts().shedByCamera().values().stream().mapToLong(n -> n).sum())
        .isEqualTo(5_000);
    assertThat(frames.counts().toString()).hasSizeLessThan(500);
  }
}
