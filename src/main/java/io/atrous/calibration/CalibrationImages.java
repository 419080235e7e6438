package io.atrous.calibration;

import io.atrous.dataset.DatasetException;
import io.atrous.dataset.LabeledFrame;
import io.atrous.dataset.LabeledFrames;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.ImageFile;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.FrameFit;
import io.atrous.mask.Mask;
import io.atrous.model.ModelSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Images brought to a model's input as the service does it, all in memory.
 *
 * <p><b>Threading:</b> confined to one thread while images are added; immutable after that.
 */
public final class CalibrationImages {

  /** Images in files may be larger than what cameras send. */
  private static final DecodeLimits LIMITS =
      new DecodeLimits(256 << 20, DecodeLimits.DEFAULT.maxPixels());

  private final FrameFit fit;
  private final FrameDecoder decoder = new FrameDecoder(LIMITS);
  private final List<CalibrationImage> images = new ArrayList<>();

  private CalibrationImages(ModelSpec model) {
    this.fit =
        new FrameFit(
            model, new EngineProfile("cpu", "fp32", model.inputHeight(), model.inputWidth(), 1));
  }

  /**
   * Reads labelled frames, as many as are wanted, evenly spread over all.
   *
   * @throws DatasetException if one can't be used
   */
  public static CalibrationImages of(LabeledFrames frames, ModelSpec model, int wanted) {
    CalibrationImages read = new CalibrationImages(model);
    int count = Math.min(wanted, frames.size());
    for (int i = 0; i < count; i++) {
      int index = (int) ((long) i * frames.size() / count);
      LabeledFrame frame = frames.get(index);
      read.add(frames.name(index), frame.frame(), frame.labels());
    }
    return read;
  }

  /**
   * Reads image files.
   *
   * @throws DatasetException if one can't be used
   */
  public static CalibrationImages of(List<Path> files, ModelSpec model) {
    CalibrationImages read = new CalibrationImages(model);
    for (Path file : files) {
      try {
        read.add(file.toString(), ImageFile.frame(file, LIMITS), null);
      } catch (IOException | FrameRejectedException e) {
        throw unusable(file.toString(), e);
      }
    }
    return read;
  }

  private void add(String name, EncodedFrame frame, @Nullable Mask truth) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(fit.slotBytes());
    try {
      FrameGeometry geometry = fit.fill(decoder, frame, pixels);
      images.add(new CalibrationImage(pixels, geometry, truth));
    } catch (FrameRejectedException e) {
      throw unusable(name, e);
    }
  }

  private static DatasetException unusable(String name, Exception why) {
    return new DatasetException("Cannot use " + name + ": " + why.getMessage(), why);
  }

  /** Returns the number of images. */
  public int size() {
    return images.size();
  }

  /** Returns whether the labels of the images are known. */
  boolean haveTruth() {
    return images.stream().allMatch(image -> image.truth() != null);
  }

  List<CalibrationImage> images() {
    return images;
  }
}
