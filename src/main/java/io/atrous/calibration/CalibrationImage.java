package io.atrous.calibration;

import io.atrous.frame.FrameGeometry;
import io.atrous.inference.FrameFit;
import io.atrous.inference.SegmentationEngine;
import io.atrous.mask.Mask;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image as the network takes it.
 *
 * @param pixels uint8 [inputHeight, inputWidth, 3], a direct buffer
 * @param geometry the place of the image in it
 * @param truth its labels, of the image's size; null if they are not known
 */
record CalibrationImage(ByteBuffer pixels, FrameGeometry geometry, @Nullable Mask truth) {

  /** Returns what an engine says of it, at the size of its labels if they are known. */
  Mask labelledBy(SegmentationEngine engine) {
    Mask labels = FrameFit.content(engine.segment(List.of(pixels)).get(0).labels(), geometry);
    return truth == null ? labels : labels.scaledTo(truth.width(), truth.height());
  }
}
