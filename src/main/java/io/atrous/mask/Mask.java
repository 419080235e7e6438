package io.atrous.mask;

/**
 * A map of bytes over an image: class indices (255 = ignore) or confidences (round(255 * p)).
 *
 * <p><b>Threading:</b> immutable by contract once made; the array is shared, not copied.
 *
 * @param values uint8 [height, width], row-major from the top left
 */
@SuppressWarnings("ArrayRecordComponent")
public record Mask(int width, int height, byte[] values) {

  public Mask {
    if (width < 1 || height < 1 || values.length != Math.multiplyExact(width, height)) {
      throw new IllegalArgumentException(
          "a mask of " + width + "x" + height + " does not have " + values.length + " values");
    }
  }

  /** The value at column x of row y, 0 to 255. */
  public int get(int x, int y) {
    return values[y * width + x] & 0xFF;
  }

  /** Its top left corner of that size, which is not larger; itself if that is all of it. */
  public Mask topLeft(int newWidth, int newHeight) {
    if (newWidth > width || newHeight > height) {
      throw new IllegalArgumentException(
          "a mask of " + width + "x" + height + " has no " + newWidth + "x" + newHeight);
    }
    if (newWidth == width && newHeight == height) {
      return this;
    }
    byte[] corner = new byte[newWidth * newHeight];
    for (int y = 0; y < newHeight; y++) {
      System.arraycopy(values, y * width, corner, y * newWidth, newWidth);
    }
    return new Mask(newWidth, newHeight, corner);
  }

  /** The mask at another size: each pixel takes the value at its centre. */
  public Mask scaledTo(int newWidth, int newHeight) {
    byte[] scaled = new byte[Math.multiplyExact(newWidth, newHeight)];
    for (int y = 0; y < newHeight; y++) {
      int row = (int) ((2L * y + 1) * height / (2L * newHeight)) * width;
      for (int x = 0; x < newWidth; x++) {
        scaled[y * newWidth + x] = values[row + (int) ((2L * x + 1) * width / (2L * newWidth))];
      }
    }
    return new Mask(newWidth, newHeight, scaled);
  }
}
