package io.atrous.dataset;

import io.atrous.frame.DecodeLimits;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.ImageFile;
import io.atrous.frame.ImageSize;
import io.atrous.mask.Mask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Labelled frames in files.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class FileFrames implements LabeledFrames {

  /** Scans as PNG are larger than what cameras send. */
  static final DecodeLimits LIMITS = new DecodeLimits(256 << 20, DecodeLimits.DEFAULT.maxPixels());

  private final List<ImagePair> pairs;
  private final LabelMap labels;

  FileFrames(List<ImagePair> pairs, LabelMap labels) {
    this.pairs = List.copyOf(pairs);
    this.labels = labels;
  }

  @Override
  public int size() {
    return pairs.size();
  }

  @Override
  public String name(int index) {
    return pairs.get(index).name();
  }

  @Override
  public LabeledFrame get(int index) {
    ImagePair pair = pairs.get(index);
    EncodedFrame frame = read(pair.image(), () -> ImageFile.frame(pair.image(), LIMITS));
    ImageSize size = read(pair.image(), () -> FrameDecoder.storedSize(frame));
    LabelImage image =
        read(pair.labels(), () -> LabelImage.read(pair.labels(), LIMITS, labels.coloursOnly()));
    requireEqual(pair, size, image);
    Mask mask = labels.apply(image, pair.labels().toString());
    return new LabeledFrame(frame, mask);
  }

  /**
   * Makes sure that a label image lies on its image.
   *
   * @throws DatasetException if it is of another size
   */
  static void requireEqual(ImagePair pair, ImageSize size, LabelImage labels) {
    if (size.width() != labels.width() || size.height() != labels.height()) {
      boolean turned = size.width() == labels.height() && size.height() == labels.width();
      throw new DatasetException(
          "Label image %s has %dx%d pixels, its image %s%s"
              .formatted(
                  pair.labels(),
                  labels.width(),
                  labels.height(),
                  size,
                  turned ? ": it lies on its side, as EXIF may have it; turn the pixels" : ""));
    }
  }

  interface Reading<T> {
    T read() throws FrameRejectedException, IOException;
  }

  static <T> T read(Path file, Reading<T> reading) {
    try {
      return reading.read();
    } catch (FrameRejectedException | IOException e) {
      throw new DatasetException("Cannot use %s: %s".formatted(file, ImageFile.reason(e)), e);
    }
  }
}
