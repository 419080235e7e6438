package io.atrous.training;

import io.atrous.dataset.JpegTransmission;
import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.scene.SplittableHash;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;

/**
 * Makes many images of one: a crop at a random place and scale, mirrored or not, under other light,
 * with JPEG's traces. What a crop shows beyond the image is grey and ignored.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param cropHeight pixels down of a crop
 * @param cropWidth pixels across of a crop
 * @param minScale the least magnification of an image
 * @param maxScale the greatest magnification of an image
 */
public record Augmentation(int cropHeight, int cropWidth, double minScale, double maxScale) {

  private static final int OUTSIDE_RGB = 0x7C7468;

  public Augmentation {
    if (!(minScale > 0) || !(maxScale >= minScale) || Double.isInfinite(maxScale)) {
      throw new IllegalArgumentException("impossible scales from " + minScale + " to " + maxScale);
    }
    if (cropHeight < 1 || cropWidth < 1) {
      throw new IllegalArgumentException("impossible crops of " + cropHeight + "x" + cropWidth);
    }
  }

  /** Returns the crop that this chance makes of an image. */
  public LabeledImage apply(LabeledImage source, SplittableHash chance) {
    LabeledImage crop = crop(source, chance);
    relight(crop.image(), chance);
    if (chance.chance("jpeg", 0.3)) {
      int quality = (int) chance.uniform("quality", 40, 96);
      RgbImage arrived = new JpegTransmission().send(crop.image(), quality);
      return new LabeledImage(arrived, crop.labels());
    }
    return crop;
  }

  private LabeledImage crop(LabeledImage source, SplittableHash chance) {
    RgbImage image = source.image();
    int width = image.width();
    int height = image.height();
    double scale = minScale * StrictMath.pow(maxScale / minScale, chance.uniform("scale", 0, 1));
    double step = 1 / scale;
    double left = offset(chance.uniform("x", 0, 1), width, cropWidth * step);
    double top = offset(chance.uniform("y", 0, 1), height, cropHeight * step);
    boolean mirrored = chance.chance("mirror", 0.5);
    byte[] pixels = new byte[width * height * RgbImage.CHANNELS];
    image.pixels().get(0, pixels);
    byte[] truth = source.labels().values();

    byte[] labels = new byte[cropHeight * cropWidth];
    byte[] out = new byte[cropHeight * cropWidth * RgbImage.CHANNELS];
    for (int row = 0; row < cropHeight; row++) {
      double y = top + (row + 0.5) * step;
      for (int column = 0; column < cropWidth; column++) {
        double x = left + ((mirrored ? cropWidth - 1 - column : column) + 0.5) * step;
        int at = row * cropWidth + column;
        if (x < 0 || y < 0 || x >= width || y >= height) {
          labels[at] = (byte) ClassCatalog.IGNORE_INDEX;
          out[3 * at] = (byte) (OUTSIDE_RGB >> 16);
          out[3 * at + 1] = (byte) (OUTSIDE_RGB >> 8);
          out[3 * at + 2] = (byte) OUTSIDE_RGB;
        } else {
          labels[at] = truth[((int) y) * width + (int) x];
          interpolate(pixels, width, height, x - 0.5, y - 0.5, out, 3 * at);
        }
      }
    }
    RgbImage cropped = RgbImage.allocate(cropWidth, cropHeight);
    cropped.pixels().put(0, out);
    return new LabeledImage(cropped, new Mask(cropWidth, cropHeight, labels));
  }

  /** Anywhere inside; a crop larger than the image has it anywhere inside itself. */
  private static double offset(double chance, int size, double window) {
    return chance * (size - window);
  }

  private static void interpolate(
      byte[] pixels, int width, int height, double x, double y, byte[] out, int at) {
    int x0 = Math.max(0, (int) Math.floor(x));
    int y0 = Math.max(0, (int) Math.floor(y));
    int x1 = Math.min(width - 1, x0 + 1);
    int y1 = Math.min(height - 1, y0 + 1);
    int a = (int) (256 * Math.max(0, x - x0));
    int b = (int) (256 * Math.max(0, y - y0));
    for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
      int upper =
          (pixels[3 * (y0 * width + x0) + channel] & 0xFF) * (256 - a)
              + (pixels[3 * (y0 * width + x1) + channel] & 0xFF) * a;
      int lower =
          (pixels[3 * (y1 * width + x0) + channel] & 0xFF) * (256 - a)
              + (pixels[3 * (y1 * width + x1) + channel] & 0xFF) * a;
      out[at + channel] = (byte) ((upper * (256 - b) + lower * b + (1 << 15)) >> 16);
    }
  }

  /** Brightness, contrast and colour cast. */
  private static void relight(RgbImage image, SplittableHash chance) {
    double contrast = chance.uniform("contrast", 0.8, 1.25);
    double brightness = chance.uniform("brightness", -24, 24);
    byte[] pixels = new byte[image.pixels().capacity()];
    image.pixels().get(0, pixels);
    for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
      double cast = chance.child("cast").child(channel).uniform() * 0.2 + 0.9;
      byte[] tones = new byte[256];
      for (int value = 0; value < 256; value++) {
        double lit = ((value - 128) * contrast + 128 + brightness) * cast;
        tones[value] = (byte) Math.max(0, Math.min(255, Math.round(lit)));
      }
      for (int at = channel; at < pixels.length; at += RgbImage.CHANNELS) {
        pixels[at] = tones[pixels[at] & 0xFF];
      }
    }
    image.pixels().put(0, pixels);
  }
}
