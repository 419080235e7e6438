package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import javax.imageio.plugins.jpeg.JPEGHuffmanTable;

/**
 * A Huffman table of a JPEG (ITU-T T.81, C and F.2.2.3), made for passing over what it codes: the
 * symbols tell how much that is.
 *
 * <p><b>Threading:</b> immutable.
 */
final class HuffmanTable {

  /** The longest code whose symbol is looked up at once; almost all are shorter. */
  private static final int LOOKUP_BITS = 9;

  private static final int MAX_CODE_BITS = 16;

  /** The bits of a lookup's entry that hold a number of bits; the symbol lies above them. */
  private static final int COUNT_BITS = 8;

  private static final int COUNT_MASK = (1 << COUNT_BITS) - 1;

  /** A table of no codes. */
  static final HuffmanTable NONE = new HuffmanTable(new int[MAX_CODE_BITS + 1], new byte[0]);

  /** The tables of ITU-T T.81, K.3, which motion JPEG leaves out. */
  static final HuffmanTable DC_LUMINANCE = standard(JPEGHuffmanTable.StdDCLuminance);

  static final HuffmanTable DC_CHROMINANCE = standard(JPEGHuffmanTable.StdDCChrominance);
  static final HuffmanTable AC_LUMINANCE = standard(JPEGHuffmanTable.StdACLuminance);
  static final HuffmanTable AC_CHROMINANCE = standard(JPEGHuffmanTable.StdACChrominance);

  /**
   * For each beginning of {@link #LOOKUP_BITS} bits a symbol and its bits, or 0 if it is longer.
   */
  private final int[] lookup = new int[1 << LOOKUP_BITS];

  /** For each length the code after the last one. */
  private final int[] codeEnds = new int[MAX_CODE_BITS + 1];

  /** For each length, what to add to a code for its symbol's position. */
  private final int[] offsets = new int[MAX_CODE_BITS + 1];

  private final byte[] symbols;

  private HuffmanTable(int[] counts, byte[] symbols) {
    this.symbols = symbols;
    int code = 0;
    int position = 0;
    for (int length = 1; length <= MAX_CODE_BITS; length++) {
      offsets[length] = position - code;
      for (int i = 0; i < counts[length]; i++) {
        enter(code + i, length, symbols[position + i]);
      }
      position += counts[length];
      code += counts[length];
      codeEnds[length] = code;
      code <<= 1;
    }
  }

  /** Reads a table from a DHT segment, after the byte that says which one it is. */
  static HuffmanTable read(ByteBuffer tables) throws FrameRejectedException {
    if (tables.remaining() < MAX_CODE_BITS) {
      throw damaged();
    }
    int[] counts = new int[MAX_CODE_BITS + 1];
    int total = 0;
    for (int length = 1; length <= MAX_CODE_BITS; length++) {
      counts[length] = Byte.toUnsignedInt(tables.get());
      total += counts[length];
    }
    if (tables.remaining() < total) {
      throw damaged();
    }
    byte[] symbols = new byte[total];
    tables.get(symbols);
    if (!areCodes(counts)) {
      throw damaged();
    }
    return new HuffmanTable(counts, symbols);
  }

  private static HuffmanTable standard(JPEGHuffmanTable table) {
    int[] counts = new int[MAX_CODE_BITS + 1];
    for (int length = 1; length <= table.getLengths().length; length++) {
      counts[length] = table.getLengths()[length - 1];
    }
    byte[] symbols = new byte[table.getValues().length];
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = (byte) table.getValues()[i];
    }
    return new HuffmanTable(counts, symbols);
  }

  /** Returns whether there are so many codes of each length. */
  private static boolean areCodes(int[] counts) {
    int end = 0;
    for (int length = 1; length <= MAX_CODE_BITS; length++) {
      end = 2 * end + counts[length];
      if (end > 1 << length) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads a symbol and passes over the bits that follow it, as many as its lower half says. A code
   * that isn't in the table is taken for 0, as libjpeg takes it.
   */
  int next(ScanBits bits) {
    int entry = lookup[bits.peek(LOOKUP_BITS)];
    if (entry != 0) {
      bits.skip(entry & COUNT_MASK);
      return entry >> COUNT_BITS;
    }
    return nextLong(bits);
  }

  private int nextLong(ScanBits bits) {
    for (int length = LOOKUP_BITS + 1; length <= MAX_CODE_BITS; length++) {
      int code = bits.peek(length);
      if (code < codeEnds[length]) {
        int symbol = Byte.toUnsignedInt(symbols[code + offsets[length]]);
        bits.skip(length + (symbol & 0xF));
        return symbol;
      }
    }
    bits.skip(MAX_CODE_BITS + 1);
    return 0;
  }

  private void enter(int code, int length, byte symbol) {
    if (length <= LOOKUP_BITS) {
      int value = Byte.toUnsignedInt(symbol);
      int entry = value << COUNT_BITS | (length + (value & 0xF));
      int first = code << (LOOKUP_BITS - length);
      for (int i = 0; i < 1 << (LOOKUP_BITS - length); i++) {
        lookup[first + i] = entry;
      }
    }
  }

  private static FrameRejectedException damaged() {
    return new FrameRejectedException(
        Reason.UNDECODABLE_IMAGE, "the JPEG is damaged: it has an impossible Huffman table");
  }
}
