package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;

/**
 * Reads the size that a JPEG claims from its markers alone (ITU-T T.81), in the same order and with
 * the same leniency as libjpeg, so that the size checked here is the one the decoder will use.
 */
final class JpegHeader {

  /**
   * Encoders write about ten scans. Each scan of a progressive image makes the decoder visit every
   * block again, so that a small payload with thousands of them would cost minutes.
   */
  private static final int MAX_SCANS = 100;

  private static final int TEM = 0x01;
  private static final int SOF0 = 0xC0;
  private static final int DHT = 0xC4;
  private static final int JPG = 0xC8;
  private static final int DAC = 0xCC;
  private static final int SOF15 = 0xCF;
  private static final int RST0 = 0xD0;
  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;

  private JpegHeader() {}

  static boolean begins(ByteBuffer payload) {
    int at = payload.position();
    return payload.remaining() >= 3
        && unsigned(payload, at) == 0xFF
        && unsigned(payload, at + 1) == SOI
        && unsigned(payload, at + 2) == 0xFF;
  }

  /** Returns the claimed size of a payload that {@link #begins} as a JPEG. */
  static ImageSize read(ByteBuffer payload) throws FrameRejectedException {
    int limit = payload.limit();
    int at = payload.position() + 2;
    int scans = 0;
    StartOfFrame frame = null;
    while (true) {
      // Anything but 0xFF before a marker is skipped, as are repeated 0xFF.
      while (at < limit && unsigned(payload, at) != 0xFF) {
        at++;
      }
      while (at < limit && unsigned(payload, at) == 0xFF) {
        at++;
      }
      if (at == limit) {
        break;
      }
      int marker = unsigned(payload, at++);
      if (marker == 0 || marker == TEM || (marker >= RST0 && marker <= SOI)) {
        continue; // stuffing, or a marker without a segment
      }
      int lengthBytes = at + 2 <= limit ? unsignedShort(payload, at) : 0;
      if (marker == EOI || lengthBytes < 3 || at + lengthBytes > limit) {
        break;
      }
      if (marker == SOS) {
        if (frame == null || frame.isWholeIn(unsigned(payload, at + 2))) {
          scans++;
          break;
        }
        if (++scans > MAX_SCANS) {
          throw new FrameRejectedException(
              Reason.TOO_LARGE, "the JPEG has more than " + MAX_SCANS + " scans");
        }
      } else if (frame == null && isStartOfFrame(marker)) {
        frame = StartOfFrame.read(payload, at + 2, lengthBytes - 2, marker);
      }
      at += lengthBytes;
    }
    if (frame == null || scans == 0) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE, "the JPEG holds no image, or ends before it");
    }
    return frame.size;
  }

  private static boolean isStartOfFrame(int marker) {
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
  }

  private static int unsigned(ByteBuffer bytes, int at) {
    return bytes.get(at) & 0xFF;
  }

  private static int unsignedShort(ByteBuffer bytes, int at) {
    return unsigned(bytes, at) << 8 | unsigned(bytes, at + 1);
  }

  private record StartOfFrame(ImageSize size, int components, boolean progressive) {

    static StartOfFrame read(ByteBuffer payload, int at, int lengthBytes, int marker)
        throws FrameRejectedException {
      if (lengthBytes < 6) {
        throw new FrameRejectedException(
            Reason.UNDECODABLE_IMAGE, "the JPEG's frame header is too short");
      }
      int precisionBits = unsigned(payload, at);
      if (precisionBits != 8) {
        throw new FrameRejectedException(
            Reason.UNSUPPORTED_ENCODING,
            "the JPEG has %d bits per sample; only 8 can be read".formatted(precisionBits));
      }
      return new StartOfFrame(
          new ImageSize(unsignedShort(payload, at + 3), unsignedShort(payload, at + 1)),
          unsigned(payload, at + 5),
          (marker & 3) == 2);
    }

    /** Returns whether one scan of that many components holds the whole image. */
    boolean isWholeIn(int scanComponents) {
      return !progressive && scanComponents >= components;
    }
  }
}
