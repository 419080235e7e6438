package io.atrous.chaos;

import io.atrous.frame.FrameEncoder;
import io.atrous.training.scene.SceneCamera;
import io.atrous.training.scene.Split;
import io.atrous.training.scene.SyntheticScene;
import java.util.ArrayList;
import java.util.List;

/**
 * A few pictures that a camera sends over and over: rendering must not take the time of those that
 * are tested.
 *
 * @param cameraId the camera
 * @param jpegs the pictures
 */
record CameraFilm(String cameraId, List<byte[]> jpegs) {

  private static final int PICTURES = 4;
  private static final double SECONDS_BETWEEN = 3;
  private static final int WIDTH = 320;
  private static final int HEIGHT = 180;
  private static final int JPEG_QUALITY = 85;
  private static final long SCENE_SEED = 1;

  static CameraFilm of(int index) {
    SceneCamera street = SyntheticScene.of(Split.TEST, SCENE_SEED, index).camera(WIDTH, HEIGHT);
    List<byte[]> jpegs = new ArrayList<>();
    for (int i = 0; i < PICTURES; i++) {
      jpegs.add(FrameEncoder.jpeg(street.frame(i * SECONDS_BETWEEN).image(), JPEG_QUALITY));
    }
    return new CameraFilm("street-" + index, List.copyOf(jpegs));
  }

  /** The name of the picture that a frame shows. */
  String picture(long sequence) {
    return cameraId + "/" + sequence % PICTURES;
  }

  /** The picture that a frame shows. */
  byte[] jpeg(long sequence) {
    return jpegs.get((int) (sequence % PICTURES));
  }
}
