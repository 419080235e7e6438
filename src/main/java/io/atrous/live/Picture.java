package io.atrous.live;

import io.atrous.frame.FrameGeometry;
import io.atrous.frame.RgbImage;
import io.atrous.inference.FrameFit;
import io.atrous.inference.Segmentation;
import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
import java.nio.ByteBuffer;

/**
 * A small copy of a frame with its mask. Inputs of large networks are thinned out, so that no copy
 * takes more than {@value #MAX_PIXELS} pixels.
 *
 * <p><b>Threading:</b> immutable by contract.
 *
 * @param rgb uint8 [height, width, 3] of the mask's size
 * @param geometry the frame's
 * @param classes the classes of the mask's labels
 */
@SuppressWarnings("ArrayRecordComponent")
record Picture(byte[] rgb, Mask mask, FrameGeometry geometry, ClassCatalog classes) {

  static final int MAX_PIXELS = 640 * 480;

  /** Copies a frame's pixels out of a network's input. */
  static byte[] pixels(ByteBuffer input, FrameGeometry geometry) {
    int step = step(geometry);
    int width = thinned(geometry.contentWidth(), step);
    int height = thinned(geometry.contentHeight(), step);
    byte[] rgb = new byte[width * height * RgbImage.CHANNELS];
    int inputRowBytes = geometry.inputWidth() * RgbImage.CHANNELS;
    for (int y = 0; y < height; y++) {
      int from = y * step * inputRowBytes;
      int to = y * width * RgbImage.CHANNELS;
      if (step == 1) {
        input.get(from, rgb, to, width * RgbImage.CHANNELS);
      } else {
        for (int x = 0; x < width; x++) {
          input.get(
              from + x * step * RgbImage.CHANNELS,
              rgb,
              to + x * RgbImage.CHANNELS,
              RgbImage.CHANNELS);
        }
      }
    }
    return rgb;
  }

  /** Adds the labels of the pixels that have been copied. */
  static Picture of(
      byte[] rgb, Segmentation segmentation, FrameGeometry geometry, ClassCatalog classes) {
    Mask labels = FrameFit.content(segmentation.mask().labels(), geometry);
    int step = step(geometry);
    int width = thinned(labels.width(), step);
    int height = thinned(labels.height(), step);
    byte[] values = new byte[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        values[y * width + x] = (byte) labels.get(x * step, y * step);
      }
    }
    return new Picture(rgb, new Mask(width, height, values), geometry, classes);
  }

  private static int step(FrameGeometry geometry) {
    int step = 1;
    while ((long) thinned(geometry.contentWidth(), step) * thinned(geometry.contentHeight(), step)
        > MAX_PIXELS) {
      step++;
    }
    return step;
  }

  private static int thinned(int size, int step) {
    return (size + step - 1) / step;
  }
}
