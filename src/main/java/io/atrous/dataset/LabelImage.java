package io.atrous.dataset;

import io.atrous.frame.DecodeLimits;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.FrameRejectedException.Reason;
import io.atrous.frame.ImageFile;
import io.atrous.frame.PayloadEncoding;
import io.atrous.frame.PngValues;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The values of a label image, as they are stored.
 *
 * @param areColours whether the values are colours, 0xRRGGBB
 * @param values [height, width], row-major from the top left
 */
@SuppressWarnings("ArrayRecordComponent")
record LabelImage(int width, int height, boolean areColours, int[] values) {

  /**
   * Reads a label image.
   *
   * @param coloursOnly whether a palette's index is to be replaced by its colour
   * @throws FrameRejectedException if it is no PNG whose values are exact
   * @throws IOException if the file can't be read
   */
  static LabelImage read(Path file, DecodeLimits limits, boolean coloursOnly)
      throws FrameRejectedException, IOException {
    ByteBuffer bytes = ImageFile.read(file, limits);
    if (PayloadEncoding.ofContent(bytes).equals(Optional.of(PayloadEncoding.JPEG))) {
      throw new FrameRejectedException(
          Reason.UNSUPPORTED_ENCODING,
          "it is a JPEG, whose compression changes values of labels: save label images as PNG");
    }
    PngValues png = PngValues.read(bytes, limits);
    boolean palette = png.kind() == PngValues.Kind.PALETTE;
    if (palette && coloursOnly) {
      return coloured(png);
    }
    return new LabelImage(
        png.width(), png.height(), png.kind() == PngValues.Kind.COLOUR, png.values());
  }

  private static LabelImage coloured(PngValues png) throws FrameRejectedException {
    int[] colours = new int[png.values().length];
    for (int i = 0; i < colours.length; i++) {
      int index = png.values()[i];
      colours[i] =
          png.paletteColour(index)
              .orElseThrow(
                  () ->
                      new FrameRejectedException(
                          Reason.UNDECODABLE_IMAGE, "its palette has no colour " + index));
    }
    return new LabelImage(png.width(), png.height(), true, colours);
  }
}
