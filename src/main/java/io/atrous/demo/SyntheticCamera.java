package io.atrous.demo;

import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.scene.SceneCamera;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.SyntheticScene;
import io.atrous.event.FrameEncoding;
import io.atrous.frame.FrameEncoder;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A camera over a street that exists only in numbers, whose classes are therefore known exactly.
 * Its streets are of the test split: no model was trained on them.
 */
final class SyntheticCamera implements Camera {

  private static final int WIDTH = 1280;
  private static final int HEIGHT = 720;
  private static final int JPEG_QUALITY = 85;
  private static final long SEED = 1;

  private final String id;
  private final SceneCamera street;
  private final Clock clock;

  private SyntheticCamera(int index, Clock clock) {
    this.id = "street-" + index;
    this.street = SyntheticScene.of(Split.TEST, SEED, index).camera(WIDTH, HEIGHT);
    this.clock = clock;
  }

  /** Returns cameras over different streets. */
  static List<Camera> streets(int count, Clock clock) {
    return IntStream.range(0, count)
        .<Camera>mapToObj(index -> new SyntheticCamera(index, clock))
        .toList();
  }

  @Override
  public CameraFrame capture(long sequence, double seconds) {
    LabeledImage view = street.frame(seconds);
    Instant capturedAt = clock.instant();
    return new CameraFrame(
        id,
        sequence,
        id + "-" + sequence,
        capturedAt,
        FrameEncoding.JPEG,
        FrameEncoder.jpeg(view.image(), JPEG_QUALITY),
        view.labels());
  }
}
