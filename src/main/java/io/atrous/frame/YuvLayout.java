package io.atrous.frame;

/**
 * Where luma and chroma lie in the bytes of a frame. Two pixels across share their chroma.
 *
 * @param luma the luma's samples, one for each pixel
 * @param u the samples of the blue difference
 * @param v the samples of the red difference
 * @param rowsPerChroma the rows of pixels that share a row of chroma
 */
record YuvLayout(Samples luma, Samples u, Samples v, int rowsPerChroma) {

  /**
   * Samples at even distances.
   *
   * @param first the position of the first
   * @param step the bytes from one to the next across
   * @param rowBytes the bytes from one to the next down
   */
  record Samples(int first, int step, int rowBytes) {

    int row(int row) {
      return first + row * rowBytes;
    }
  }

  static YuvLayout of(PayloadEncoding encoding, int width, int height) {
    int pixels = width * height;
    return switch (encoding) {
      case I420 ->
          planes(
              width, new Samples(pixels, 1, width / 2), new Samples(pixels / 4 * 5, 1, width / 2));
      case NV12 -> planes(width, new Samples(pixels, 2, width), new Samples(pixels + 1, 2, width));
      case NV21 -> planes(width, new Samples(pixels + 1, 2, width), new Samples(pixels, 2, width));
      case YUYV -> packed(width, 0, 1, 3);
      case UYVY -> packed(width, 1, 0, 2);
      default -> throw new IllegalArgumentException(encoding + " has no luma and chroma");
    };
  }

  private static YuvLayout planes(int width, Samples u, Samples v) {
    return new YuvLayout(new Samples(0, 1, width), u, v, 2);
  }

  private static YuvLayout packed(int width, int luma, int u, int v) {
    int rowBytes = 2 * width;
    return new YuvLayout(
        new Samples(luma, 2, rowBytes),
        new Samples(u, 4, rowBytes),
        new Samples(v, 4, rowBytes),
        1);
  }
}
