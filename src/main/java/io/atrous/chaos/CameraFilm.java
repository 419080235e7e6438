package io.atrous.chaos;

import io.atrous.dataset.scene.SceneCamera;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.SyntheticScene;
import io.atrous.event.FrameEncoding;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A few pictures that a camera sends over and over: rendering must not take the time of those that
 * are tested.
 *
 * @param name the name of the film, which several cameras may send
 * @param encoding the encoding of the pictures
 * @param width the width of raw pictures, or null
 * @param height the height of raw pictures, or null
 * @param pictures the encoded pictures
 */
record CameraFilm(
    String name,
    FrameEncoding encoding,
    @Nullable Integer width,
    @Nullable Integer height,
    List<byte[]> pictures) {

  private static final int PICTURES = 4;
  private static final double SECONDS_BETWEEN = 3;
  private static final int WIDTH = 320;
  private static final int HEIGHT = 180;
  private static final int JPEG_QUALITY = 85;
  private static final long SCENE_SEED = 1;

  /** A megabyte, raw. */
  private static final int LARGE_WIDTH = 768;

  private static final int LARGE_HEIGHT = 432;

  /** Films of different streets. */
  static List<CameraFilm> of(FloodOptions.Film kind, int films) {
    List<CameraFilm> all = new ArrayList<>();
    for (int i = 0; i < films; i++) {
      all.add(kind == FloodOptions.Film.SMALL ? jpeg(i) : raw(i));
    }
    return all;
  }

  private static CameraFilm jpeg(int index) {
    List<byte[]> jpegs = new ArrayList<>();
    for (RgbImage image : images(index, WIDTH, HEIGHT)) {
      jpegs.add(FrameEncoder.jpeg(image, JPEG_QUALITY));
    }
    return new CameraFilm("street-" + index, FrameEncoding.JPEG, null, null, List.copyOf(jpegs));
  }

  private static CameraFilm raw(int index) {
    List<byte[]> frames = new ArrayList<>();
    for (RgbImage image : images(index, LARGE_WIDTH, LARGE_HEIGHT)) {
      byte[] bytes = new byte[LARGE_WIDTH * LARGE_HEIGHT * RgbImage.CHANNELS];
      image.pixels().get(0, bytes);
      frames.add(bytes);
    }
    return new CameraFilm(
        "street-" + index, FrameEncoding.RGB24, LARGE_WIDTH, LARGE_HEIGHT, List.copyOf(frames));
  }

  private static List<RgbImage> images(int index, int width, int height) {
    SceneCamera street = SyntheticScene.of(Split.TEST, SCENE_SEED, index).camera(width, height);
    List<RgbImage> images = new ArrayList<>();
    for (int i = 0; i < PICTURES; i++) {
      images.add(street.frame(i * SECONDS_BETWEEN).image());
    }
    return images;
  }

  /** The name of the picture that a frame shows. */
  String picture(long sequence) {
    return name + "/" + sequence % PICTURES;
  }

  /** The picture that a frame shows. */
  byte[] payload(long sequence) {
    return pictures.get((int) (sequence % PICTURES));
  }
}
