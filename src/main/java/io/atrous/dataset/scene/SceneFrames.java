package io.atrous.dataset.scene;

import io.atrous.dataset.LabeledFrame;
import io.atrous.dataset.LabeledFrames;
import io.atrous.dataset.LabeledImage;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.PayloadEncoding;

/**
 * Synthetic scenes as cameras send them.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param split the part of the scenes
 * @param seed the seed of the scenes
 * @param size the number of scenes, from the first
 * @param width the frame width in pixels
 * @param height the frame height in pixels
 * @param jpegQuality the JPEG quality of the frames, 1 to 100
 * @param conditions the conditions in which they are seen
 */
public record SceneFrames(
    Split split, long seed, int size, int width, int height, int jpegQuality, Conditions conditions)
    implements LabeledFrames {

  /** The step from scene to scene, so that traffic has come and gone. */
  private static final double STEP_SECONDS = 0.7;

  /** Frames in the usual conditions. */
  public SceneFrames(Split split, long seed, int size, int width, int height, int jpegQuality) {
    this(split, seed, size, width, height, jpegQuality, Conditions.USUAL);
  }

  /** Creates frames like those of the demo's cameras. */
  public static SceneFrames likeTheDemos(Split split, long seed, int size, Conditions conditions) {
    return new SceneFrames(split, seed, size, 1280, 720, 85, conditions);
  }

  @Override
  public String name(int index) {
    return "scene " + index;
  }

  @Override
  public LabeledFrame get(int index) {
    LabeledImage scene =
        SyntheticScene.of(split, seed, index, conditions)
            .render(STEP_SECONDS * index, width, height);
    byte[] payload = FrameEncoder.jpeg(scene.image(), jpegQuality);
    return new LabeledFrame(EncodedFrame.compressed(PayloadEncoding.JPEG, payload), scene.labels());
  }
}
