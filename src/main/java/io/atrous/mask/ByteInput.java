package io.atrous.mask;

/**
 * Bytes of a mask that are being read; whatever they are, reading them ends well or in a {@link
 * MaskFormatException}.
 *
 * <p><b>Threading:</b> confined to its user.
 */
final class ByteInput {

  private final byte[] bytes;
  private final int end;
  private int at;

  /** Reads the first {@code end} bytes. */
  ByteInput(byte[] bytes, int end) {
    this.bytes = bytes;
    this.end = end;
  }

  byte next() throws MaskFormatException {
    if (at == end) {
      throw tooShort();
    }
    return bytes[at++];
  }

  void next(byte[] target, int to, int length) throws MaskFormatException {
    if (length > end - at) {
      throw tooShort();
    }
    System.arraycopy(bytes, at, target, to, length);
    at += length;
  }

  /** As {@link ByteOutput#varint} writes it; five bytes hold any length that an array can have. */
  long varint() throws MaskFormatException {
    long number = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      byte digit = next();
      number |= (digit & 0x7FL) << shift;
      if (digit >= 0) {
        return number;
      }
    }
    throw new MaskFormatException("the mask has a number of more than five bytes");
  }

  void requireEnd() throws MaskFormatException {
    if (at < end) {
      throw new MaskFormatException(
          "the mask's bytes go on for %d after its last pixel".formatted(end - at));
    }
  }

  private static MaskFormatException tooShort() {
    return new MaskFormatException("the mask's bytes end before its last pixel");
  }
}
