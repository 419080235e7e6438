package io.atrous.training;

import io.atrous.dataset.JpegTransmission;
import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.SplittableHash;
import io.atrous.dataset.scene.SyntheticScene;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameResizer;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import io.atrous.model.ResizePolicy;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The first scenes of a split as a network sees them: drawn at a camera's resolution, sent as JPEG,
 * decoded and shrunk as the service does it. What was drawn is kept.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class SyntheticDataset implements SegmentationDataset {

  private static final double LONGEST_SECONDS = 60;

  private final Split split;
  private final long seed;
  private final FrameGeometry geometry;
  private final FrameResizer resizer = new FrameResizer(0);
  private final JpegTransmission transmission = new JpegTransmission();
  private final @Nullable LabeledImage[] drawn;

  /**
   * @param size the number of scenes
   * @param inputHeight the input height of the network; scenes are as large, or a little lower
   * @param inputWidth the input width of the network
   */
  public SyntheticDataset(Split split, long seed, int size, int inputHeight, int inputWidth) {
    this.split = split;
    this.seed = seed;
    this.drawn = new LabeledImage[size];
    // Twice the input in the common aspect of cameras, which leaves JPEG its usual traces.
    this.geometry =
        new FrameGeometry(
            2 * inputWidth, 2 * inputWidth * 9 / 16, inputWidth, inputHeight, ResizePolicy.FIT);
  }

  @Override
  public int size() {
    return drawn.length;
  }

  @Override
  public LabeledImage get(int index) {
    @Nullable LabeledImage image = drawn[index];
    if (image == null) {
      image = draw(index);
      drawn[index] = image;
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
    return shrink(transmission.send(frame.image(), quality), frame.labels());
  }

  private LabeledImage shrink(RgbImage frame, Mask truth) {
    int width = geometry.contentWidth();
    int height = geometry.contentHeight();
    RgbImage slot = RgbImage.allocate(geometry.inputWidth(), geometry.inputHeight());
    resizer.resize(frame, geometry, slot.pixels());
    byte[] labels = new byte[width * height];
    for (int row = 0; row < height; row++) {
      int frameRow = (int) geometry.toFrameY(row + 0.5);
      for (int column = 0; column < width; column++) {
        labels[row * width + column] =
            (byte) truth.get((int) geometry.toFrameX(column + 0.5), frameRow);
      }
    }
    return new LabeledImage(content(slot, width, height), new Mask(width, height, labels));
  }

  /** The image without its padding, in memory of its own. */
  private static RgbImage content(RgbImage slot, int width, int height) {
    if (slot.width() == width && slot.height() == height) {
      return slot;
    }
    RgbImage content = RgbImage.allocate(width, height);
    ByteBuffer source = slot.pixels();
    for (int row = 0; row < height; row++) {
      content
          .pixels()
          .put(
              row * width * RgbImage.CHANNELS,
              source,
              row * slot.width() * RgbImage.CHANNELS,
              width * RgbImage.CHANNELS);
    }
    return content;
  }
}
