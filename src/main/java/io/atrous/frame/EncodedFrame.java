package io.atrous.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A frame as it was sent: bytes and what they claim to be. Nothing in it has been checked.
 *
 * @param width pixels across as stated beside the payload, or null; only raw encodings need it, a
 *     compressed image's header decides
 * @param height pixels down, likewise
 * @param payload from the buffer's position to its limit, heap or direct; only read, and its
 *     position is left alone
 */
public record EncodedFrame(
    PayloadEncoding encoding,
    @Nullable Integer width,
    @Nullable Integer height,
    ByteBuffer payload) {

  /** A JPEG or PNG, whose header says how large it is. */
  public static EncodedFrame compressed(PayloadEncoding encoding, byte[] payload) {
    return new EncodedFrame(encoding, null, null, ByteBuffer.wrap(payload));
  }
}
