package io.atrous.dataset;

import io.atrous.frame.DecodeLimits;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.PayloadEncoding;
import io.atrous.frame.RgbImage;

/**
 * What JPEG does to an image on its way from a camera to the service.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class JpegTransmission {

  private final FrameDecoder decoder = new FrameDecoder(DecodeLimits.DEFAULT);

  /**
   * Encodes and decodes an image.
   *
   * @param quality 1 to 100
   * @return the image as it arrives, valid until the next call
   */
  public RgbImage send(RgbImage image, int quality) {
    byte[] payload = FrameEncoder.jpeg(image, quality);
    try {
      return decoder.decode(EncodedFrame.compressed(PayloadEncoding.JPEG, payload));
    } catch (FrameRejectedException e) {
      throw new IllegalStateException("our own JPEG can't be decoded", e);
    }
  }
}
