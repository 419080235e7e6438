package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalInt;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The values that a PNG stores, exactly: what a label image means by its pixels. A palette's index
 * is not replaced by its colour, 16 bits of grey are kept, and alpha is left out.
 *
 * <p><b>Threading:</b> immutable by contract once made; the array is shared, not copied.
 */
public final class PngValues {

  private static final int GREY = 0;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int GREY_ALPHA = 4;
  private static final int RGB_ALPHA = 6;

  private final int width;
  private final int height;
  private final Kind kind;
  private final int[] values;
  private final int[] palette;

  /** The meaning of a pixel's value. */
  public enum Kind {
    /** A shade of grey, of 1 to 16 bits. */
    GREY,
    /** The index of a colour in the palette. */
    PALETTE,
    /** A colour, 0xRRGGBB. */
    COLOUR
  }

  private PngValues(int width, int height, Kind kind, int[] values, int[] palette) {
    this.width = width;
    this.height = height;
    this.kind = kind;
    this.values = values;
    this.palette = palette;
  }

  /**
   * Reads a PNG.
   *
   * @param payload the bytes from the buffer's position to its limit
   * @throws FrameRejectedException if it is no sound PNG within the limits, or has 16 bits for each
   *     of red, green and blue
   */
  public static PngValues read(ByteBuffer payload, DecodeLimits limits)
      throws FrameRejectedException {
    if (payload.remaining() > limits.maxPayloadBytes()) {
      throw new FrameRejectedException(
          Reason.TOO_LARGE,
          "the PNG has %d bytes; the limit is %d"
              .formatted(payload.remaining(), limits.maxPayloadBytes()));
    }
    if (!PngChunks.begins(payload)) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE, "the file does not begin like a PNG");
    }
    ImageSize size = PngChunks.read(payload);
    if (size.width() < 1
        || size.height() < 1
        || size.width() > limits.maxPixels()
        || size.height() > limits.maxPixels()
        || size.pixels() > limits.maxPixels()) {
      throw new FrameRejectedException(
          Reason.TOO_LARGE,
          "the PNG claims %s pixels; the limit is %d in all".formatted(size, limits.maxPixels()));
    }
    return read(payload, PngChunks.data(payload, PngChunks.IHDR).get(0));
  }

  private static PngValues read(ByteBuffer payload, ByteBuffer header)
      throws FrameRejectedException {
    int bits = Byte.toUnsignedInt(header.get(8));
    int colourType = Byte.toUnsignedInt(header.get(9));
    requireKnown(bits, colourType, header);
    PngLayout layout = PngLayout.of(header);
    byte[] packed = inflate(PngChunks.data(payload, PngChunks.IDAT), layout);
    int width = (int) layout.size().width();
    int height = (int) layout.size().height();
    int[] values = new int[width * height];
    int at = 0;
    for (PngLayout.Pass pass : layout.passes()) {
      int columns = (int) pass.columns(width);
      int rows = columns == 0 ? 0 : (int) pass.rows(height);
      int rowBytes = (int) layout.rowBytes(columns);
      for (int row = 0; row < rows; row++) {
        unfilter(packed, at, rowBytes, Math.max(1, layout.pixelBits() / 8), row > 0);
        int target = (pass.row() + row * pass.down()) * width + pass.column();
        for (int column = 0; column < columns; column++) {
          values[target + column * pass.across()] =
              value(packed, at + 1, column, bits, layout.pixelBits(), colourType);
        }
        at += rowBytes;
      }
    }
    Kind kind =
        colourType == PALETTE
            ? Kind.PALETTE
            : colourType == RGB || colourType == RGB_ALPHA ? Kind.COLOUR : Kind.GREY;
    return new PngValues(width, height, kind, values, palette(payload));
  }

  private static void requireKnown(int bits, int colourType, ByteBuffer header)
      throws FrameRejectedException {
    boolean known =
        switch (colourType) {
          case GREY -> List.of(1, 2, 4, 8, 16).contains(bits);
          case PALETTE -> List.of(1, 2, 4, 8).contains(bits);
          case RGB, GREY_ALPHA, RGB_ALPHA -> bits == 8 || bits == 16;
          default -> false;
        };
    // Deflate, the five filters, and no interlacing or Adam7: there are no others.
    if (!known || header.get(10) != 0 || header.get(11) != 0 || (header.get(12) & 0xFE) != 0) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE, "the PNG's header is none: its kind of pixels is unknown");
    }
    if (bits == 16 && (colourType == RGB || colourType == RGB_ALPHA)) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE,
          "the PNG has 16 bits for each of red, green and blue, where colours of labels have 8");
    }
  }

  /** Unpacks the pixels, and not a byte more than there are of them. */
  private static byte[] inflate(List<ByteBuffer> parts, PngLayout layout)
      throws FrameRejectedException {
    if (layout.bytes() > Integer.MAX_VALUE - Long.BYTES) {
      throw new FrameRejectedException(
          Reason.TOO_LARGE, "the PNG's pixels take %d bytes".formatted(layout.bytes()));
    }
    byte[] packed = new byte[(int) layout.bytes()];
    int filled = 0;
    Inflater inflater = new Inflater();
    try {
      for (ByteBuffer part : parts) {
        inflater.setInput(part.duplicate());
        int unpacked = -1;
        while (unpacked != 0 && filled < packed.length) {
          unpacked = inflater.inflate(packed, filled, packed.length - filled);
          filled += unpacked;
        }
      }
    } catch (DataFormatException e) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE, "the PNG is damaged: its pixels can't be unpacked", e);
    } finally {
      inflater.end();
    }
    if (filled < packed.length) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE, "the PNG is incomplete: " + layout.share(filled));
    }
    return packed;
  }

  /**
   * Undoes a row's filter in place (ISO/IEC 15948, 9).
   *
   * @param at the position of the byte that names the filter
   * @param pixelBytes the distance to the byte left of a byte
   * @param hasAbove whether the row before belongs to the same part of the picture
   */
  private static void unfilter(byte[] rows, int at, int rowBytes, int pixelBytes, boolean hasAbove)
      throws FrameRejectedException {
    int filter = rows[at];
    if (filter < 0 || filter > 4) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE, "the PNG is damaged: a row has the unknown filter " + filter);
    }
    for (int i = 1; filter > 0 && i < rowBytes; i++) {
      int left = i > pixelBytes ? rows[at + i - pixelBytes] & 0xFF : 0;
      int above = hasAbove ? rows[at + i - rowBytes] & 0xFF : 0;
      int aboveLeft = hasAbove && i > pixelBytes ? rows[at + i - rowBytes - pixelBytes] & 0xFF : 0;
      int prediction =
          switch (filter) {
            case 1 -> left;
            case 2 -> above;
            case 3 -> (left + above) / 2;
            default -> paeth(left, above, aboveLeft);
          };
      rows[at + i] += (byte) prediction;
    }
  }

  private static int paeth(int left, int above, int aboveLeft) {
    int estimate = left + above - aboveLeft;
    int toLeft = Math.abs(estimate - left);
    int toAbove = Math.abs(estimate - above);
    int toAboveLeft = Math.abs(estimate - aboveLeft);
    if (toLeft <= toAbove && toLeft <= toAboveLeft) {
      return left;
    }
    return toAbove <= toAboveLeft ? above : aboveLeft;
  }

  private static int value(
      byte[] rows, int begin, int column, int bits, int pixelBits, int colourType) {
    if (pixelBits < 8) {
      int bit = column * pixelBits;
      int shift = 8 - pixelBits - bit % 8;
      return ((rows[begin + bit / 8] & 0xFF) >> shift) & ((1 << pixelBits) - 1);
    }
    int at = begin + column * (pixelBits / 8);
    int first = rows[at] & 0xFF;
    if (colourType == RGB || colourType == RGB_ALPHA) {
      return first << 16 | (rows[at + 1] & 0xFF) << 8 | (rows[at + 2] & 0xFF);
    }
    return bits == 16 ? first << 8 | (rows[at + 1] & 0xFF) : first;
  }

  private static int[] palette(ByteBuffer payload) {
    List<ByteBuffer> found = PngChunks.data(payload, PngChunks.PLTE);
    if (found.isEmpty()) {
      return new int[0];
    }
    ByteBuffer colours = found.get(0);
    int[] palette = new int[colours.limit() / RgbImage.CHANNELS];
    for (int i = 0; i < palette.length; i++) {
      for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
        int part = colours.get(i * RgbImage.CHANNELS + channel) & 0xFF;
        palette[i] = palette[i] << Byte.SIZE | part;
      }
    }
    return palette;
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  public Kind kind() {
    return kind;
  }

  /** Returns the values, row-major from the top left. */
  public int[] values() {
    return values;
  }

  /** Returns the colour of an index of the palette, 0xRRGGBB; empty if the palette has none. */
  public OptionalInt paletteColour(int index) {
    return index < palette.length ? OptionalInt.of(palette[index]) : OptionalInt.empty();
  }
}
