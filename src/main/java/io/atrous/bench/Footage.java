package io.atrous.bench;

import io.atrous.dataset.scene.SceneCamera;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.SyntheticScene;
import io.atrous.frame.FrameEncoder;
import java.util.ArrayList;
import java.util.List;

/**
 * Pictures of streets that exist only in numbers, as JPEGs: what the cameras of a bench send again
 * and again.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param width pixels across of every picture
 * @param height pixels down of every picture
 * @param jpegs the pictures
 */
record Footage(int width, int height, List<byte[]> jpegs) {

  private static final int JPEG_QUALITY = 85;
  private static final int FRAMES_PER_SCENE = 4;
  private static final double SECONDS_BETWEEN_FRAMES = 0.7;

  Footage {
    jpegs = List.copyOf(jpegs);
  }

  /** Films a few frames of each of a few streets that no model was trained on. */
  static Footage film(int width, int height, int frames) {
    List<byte[]> jpegs = new ArrayList<>();
    for (int scene = 0; jpegs.size() < frames; scene++) {
      SceneCamera camera = SyntheticScene.of(Split.TEST, 1, scene).camera(width, height);
      for (int i = 0; i < FRAMES_PER_SCENE && jpegs.size() < frames; i++) {
        jpegs.add(
            FrameEncoder.jpeg(camera.frame(i * SECONDS_BETWEEN_FRAMES).image(), JPEG_QUALITY));
      }
    }
    return new Footage(width, height, jpegs);
  }

  /** A picture by its number; they repeat. */
  byte[] jpeg(long number) {
    return jpegs.get((int) (number % jpegs.size()));
  }

  double meanKilobytes() {
    return jpegs.stream().mapToInt(jpeg -> jpeg.length).average().orElseThrow() / 1e3;
  }
}
