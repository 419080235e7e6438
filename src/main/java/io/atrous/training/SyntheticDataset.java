package io.atrous.training;

import io.atrous.dataset.JpegTransmission;
import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.SplittableHash;
import io.atrous.dataset.scene.SyntheticScene;
import io.atrous.frame.FrameGeometry;
import io.atrous.model.ResizePolicy;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The first scenes of a split as a network sees them: drawn at a camera's resolution, sent as JPEG,
 * decoded and shrunk as the service does it. What was drawn is kept.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class SyntheticDataset implements SegmentationDataset {

  private static final double LONGEST_SECONDS = 60;

  private final Split split;
  private final long seed;
  private final FrameGeometry geometry;
  private final AtomicReferenceArray<@Nullable LabeledImage> drawn;

  /**
   * @param size the number of scenes
   * @param inputHeight the input height of the network; scenes are as large, or a little lower
   * @param inputWidth the input width of the network
   */
  public SyntheticDataset(Split split, long seed, int size, int inputHeight, int inputWidth) {
    this.split = split;
    this.seed = seed;
    this.drawn = new AtomicReferenceArray<>(size);
    // Twice the input in the common aspect of cameras, which leaves JPEG its usual traces.
    this.geometry =
        new FrameGeometry(
            2 * inputWidth, 2 * inputWidth * 9 / 16, inputWidth, inputHeight, ResizePolicy.FIT);
  }

  @Override
  public int size() {
    return drawn.length();
  }

  @Override
  public LabeledImage get(int index) {
    LabeledImage image = drawn.get(index);
    if (image == null) {
      // Drawn twice if two ask at once, which is the same.
      image = draw(index);
      drawn.set(index, image);
    }
    return image;
  }

  private LabeledImage draw(int index) {
    SplittableHash hash = SplittableHash.of(seed).child(split.name()).child(index);
    LabeledImage frame =
        SyntheticScene.of(split, seed, index)
            .render(
                hash.uniform("seconds", 0, LONGEST_SECONDS),
                geometry.frameWidth(),
                geometry.frameHeight());
    int quality = (int) hash.uniform("quality", 60, 96);
    return NetworkView.of(
        new JpegTransmission().send(frame.image(), quality), frame.labels(), geometry);
  }
}
