package io.atrous.mask;

/**
 * Writes a {@link Mask}'s values as bytes, without loss, and reads them back. The size travels
 * beside the bytes, as the event's {@code maskWidth} and {@code maskHeight}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public interface MaskCodec {

  /** The mask's values, encoded. */
  byte[] encode(Mask mask);

  /**
   * The mask that was encoded.
   *
   * @throws MaskFormatException if the bytes aren't one mask of that size; they may come from
   *     anywhere, and cost no more time and memory than a sound mask
   */
  Mask decode(byte[] encoded, int width, int height) throws MaskFormatException;
}
