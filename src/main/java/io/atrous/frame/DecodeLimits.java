package io.atrous.frame;

/**
 * Limits the size of a frame. Both limits are checked before anything is decoded.
 *
 * @param maxPayloadBytes the largest payload, in bytes
 * @param maxPixels the most pixels, width times height, that a payload may claim to hold
 */
public record DecodeLimits(int maxPayloadBytes, int maxPixels) {

  /** The most pixels whose RGB bytes fit one buffer. */
  private static final int MOST_PIXELS = Integer.MAX_VALUE / RgbImage.CHANNELS;

  /** 32 MiB and 64 mebipixels: enough for 8K video and a smartphone's photograph. */
  public static final DecodeLimits DEFAULT = new DecodeLimits(32 << 20, 64 << 20);

  public DecodeLimits {
    if (maxPayloadBytes < 1) {
      throw new IllegalArgumentException(
          "the payload limit must be at least 1 byte, not " + maxPayloadBytes);
    }
    if (maxPixels < 1 || maxPixels > MOST_PIXELS) {
      throw new IllegalArgumentException(
          "the pixel limit must be 1 to " + MOST_PIXELS + ", not " + maxPixels);
    }
  }
}
