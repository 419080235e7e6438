package io.atrous.mask;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Whole arrays in the zlib format of RFC 1950. */
final class Zlib {

  private Zlib() {}

  /**
   * The first {@code length} bytes, compressed.
   *
   * @param strategy one of {@link Deflater}'s
   */
  static byte[] deflate(byte[] bytes, int length, int strategy) {
    Deflater deflater = new Deflater();
    try {
      deflater.setStrategy(strategy);
      deflater.setInput(bytes, 0, length);
      deflater.finish();
      ByteArrayOutputStream compressed = new ByteArrayOutputStream(length / 2 + 64);
      byte[] part = new byte[8192];
      while (!deflater.finished()) {
        compressed.write(part, 0, deflater.deflate(part));
      }
      return compressed.toByteArray();
    } finally {
      deflater.end();
    }
  }

  /**
   * Decompresses into an array.
   *
   * @return how many bytes there were
   * @throws MaskFormatException if there are more, or the compressed bytes are not whole and alone
   */
  static int inflate(byte[] compressed, byte[] target) throws MaskFormatException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(compressed);
      int length = inflater.inflate(target);
      // The end may lie behind the last byte; one more byte would be one too many.
      if (!inflater.finished() && inflater.inflate(new byte[1]) > 0) {
        throw new MaskFormatException("the mask's bytes hold more than a mask of its size");
      }
      if (!inflater.finished()) {
        throw new MaskFormatException("the mask's bytes end before their last");
      }
      if (inflater.getRemaining() > 0) {
        throw new MaskFormatException(
            "the mask's bytes go on for %d after their end".formatted(inflater.getRemaining()));
      }
      return length;
    } catch (DataFormatException e) {
      throw new MaskFormatException("the mask's bytes can't be inflated", e);
    } finally {
      inflater.end();
    }
  }
}
