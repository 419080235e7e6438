package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The encoding of pixels in a payload. Raw encodings are rows from the top without padding.
 *
 * <p>The names are those of the wire contract's {@code FrameEncoding}.
 */
public enum PayloadEncoding {
  /** Baseline or progressive, 8 bit; grey and CMYK become RGB. */
  JPEG,
  /** Any PNG; becomes 8-bit RGB: palettes resolved, alpha dropped, the upper 8 of 16 bits kept. */
  PNG,
  /** Three bytes per pixel: red, green, blue. */
  RGB24,
  /** Three bytes per pixel: blue, green, red. */
  BGR24,
  /** One byte per pixel. */
  GRAY8,
  /**
   * 4:2:0 in 8 bits, even sizes only: the plane of Y, then rows of interleaved U and V at half the
   * resolution.
   */
  NV12,
  /**
   * 4:2:0 in 8 bits, even sizes only: the planes of Y, U and V, the latter two at half the
   * resolution.
   */
  I420,
  /** Like {@link #NV12}, but V goes before U. */
  NV21,
  /** 4:2:2 in 8 bits, even widths only: for two pixels Y, U, Y and V; also named YUY2. */
  YUYV,
  /** 4:2:2 in 8 bits, even widths only: for two pixels U, Y, V and Y. */
  UYVY;

  /**
   * Returns the encoding of that name.
   *
   * @throws FrameRejectedException {@code UNSUPPORTED_ENCODING} if there is none
   */
  public static PayloadEncoding named(String name) throws FrameRejectedException {
    for (PayloadEncoding encoding : values()) {
      if (encoding.name().equals(name)) {
        return encoding;
      }
    }
    throw new FrameRejectedException(
        Reason.UNSUPPORTED_ENCODING,
        "frames encoded as %s can't be read, only %s".formatted(name, Arrays.toString(values())));
  }

  /** Returns JPEG or PNG if the bytes from the buffer's position on begin like one, else empty. */
  public static Optional<PayloadEncoding> ofContent(ByteBuffer payload) {
    if (JpegHeader.begins(payload)) {
      return Optional.of(JPEG);
    }
    return PngChunks.begins(payload) ? Optional.of(PNG) : Optional.empty();
  }

  /** Returns whether the payload holds only pixels, so that its size must be stated beside it. */
  public boolean isRaw() {
    return this != JPEG && this != PNG;
  }

  /** Returns whether the payload holds luma and chroma, which {@link YuvColour} says more of. */
  public boolean isYuv() {
    return halvesWidth();
  }

  /** Returns whether two pixels across share a colour. */
  boolean halvesWidth() {
    return halvesHeight() || this == YUYV || this == UYVY;
  }

  /** Returns whether two pixels down share a colour. */
  boolean halvesHeight() {
    return this == NV12 || this == I420 || this == NV21;
  }

  /** Returns the exact size in bytes of a raw payload of that many pixels. */
  long sizeBytes(ImageSize size) {
    return switch (this) {
      case RGB24, BGR24 -> size.pixels() * 3;
      case GRAY8 -> size.pixels();
      case NV12, I420, NV21 -> size.pixels() * 3 / 2;
      case YUYV, UYVY -> size.pixels() * 2;
      case JPEG, PNG -> throw new IllegalStateException(this + " has no fixed size");
    };
  }
}
