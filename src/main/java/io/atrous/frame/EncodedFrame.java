package io.atrous.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A frame as it was sent: its bytes, and the encoding and size that they claim to have. Nothing in
 * it has been checked.
 *
 * @param width the width in pixels that is stated beside the payload, or null; only raw encodings
 *     need it, a compressed image's header decides
 * @param height the height in pixels that is stated beside the payload, or null; needed as the
 *     width is
 * @param colour the meaning of luma and chroma; only encodings that have them need it
 * @param payload the bytes from the buffer's position to its limit, heap or direct; neither they
 *     nor the position are changed
 */
public record EncodedFrame(
    PayloadEncoding encoding,
    @Nullable Integer width,
    @Nullable Integer height,
    YuvColour colour,
    ByteBuffer payload) {

  /** Creates a frame that says nothing about its colours. */
  public EncodedFrame(
      PayloadEncoding encoding,
      @Nullable Integer width,
      @Nullable Integer height,
      ByteBuffer payload) {
    this(encoding, width, height, YuvColour.DEFAULT, payload);
  }

  /** Creates a frame from a JPEG or PNG, whose header holds its size. */
  public static EncodedFrame compressed(PayloadEncoding encoding, byte[] payload) {
    return new EncodedFrame(encoding, null, null, ByteBuffer.wrap(payload));
  }
}
