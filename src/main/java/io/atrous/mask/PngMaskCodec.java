package io.atrous.mask;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * 8-bit grey PNG, for readers that know nothing of Atrous; reads any 8-bit grey PNG without
 * interlacing.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class PngMaskCodec implements MaskCodec {

  private static final int IHDR = 0x49484452;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454E44;
  private static final int HEADER_BYTES = 13;

  /** Bit depth 8, colour type grey, deflate, the five filters, no interlacing. */
  private static final byte[] FORMAT = {8, 0, 0, 0, 0};

  private final Filter filter;

  /** What rows are written as, before they are compressed. */
  public enum Filter {
    /** The values. Label maps get smaller without PNG's filters, which are made for shades. */
    NONE,
    /** Differences from the row above. */
    UP
  }

  public PngMaskCodec() {
    this(Filter.NONE);
  }

  public PngMaskCodec(Filter filter) {
    this.filter = filter;
  }

  @Override
  public byte[] encode(Mask mask) {
    byte[] rows = filtered(mask);
    byte[] compressed = Zlib.deflate(rows, rows.length, Deflater.DEFAULT_STRATEGY);
    return new PngChunkWriter()
        .add(IHDR, header(mask.width(), mask.height()))
        .add(IDAT, compressed)
        .add(IEND, new byte[0])
        .toBytes();
  }

  private static byte[] header(int width, int height) {
    byte[] header = new byte[HEADER_BYTES];
    ByteBuffer.wrap(header).putInt(width).putInt(height).put(FORMAT);
    return header;
  }

  private byte[] filtered(Mask mask) {
    int width = mask.width();
    byte[] values = mask.values();
    byte[] rows = new byte[rowsBytes(width, mask.height())];
    for (int row = 0; row < mask.height(); row++) {
      int to = row * (width + 1);
      System.arraycopy(values, row * width, rows, to + 1, width);
      if (filter == Filter.UP) {
        rows[to] = 2;
        for (int x = 0; row > 0 && x < width; x++) {
          rows[to + 1 + x] -= values[(row - 1) * width + x];
        }
      }
    }
    return rows;
  }

  @Override
  public Mask decode(byte[] encoded, int width, int height) throws MaskFormatException {
    Mask mask = new Mask(width, height, new byte[Math.multiplyExact(width, height)]);
    ByteBuffer png = ByteBuffer.wrap(encoded);
    if (encoded.length < Long.BYTES || png.getLong() != PngChunkWriter.SIGNATURE) {
      throw new MaskFormatException("the mask is not a PNG");
    }
    unfilter(inflate(png, width, height), mask);
    return mask;
  }

  /** The filtered rows: per row one byte that names the filter, then the row's values. */
  private static byte[] inflate(ByteBuffer png, int width, int height) throws MaskFormatException {
    byte[] rows = new byte[rowsBytes(width, height)];
    int filled = 0;
    boolean headerSeen = false;
    Inflater inflater = new Inflater();
    try {
      while (true) {
        int dataBytes = png.remaining() < PngChunkWriter.FRAMING_BYTES ? -1 : png.getInt();
        if (dataBytes < 0 || dataBytes > png.remaining() - 2 * Integer.BYTES) {
          throw new MaskFormatException("the mask's PNG ends before its last chunk");
        }
        int checksum = PngChunkWriter.checksum(png.slice().limit(Integer.BYTES + dataBytes));
        int type = png.getInt();
        ByteBuffer data = png.slice().limit(dataBytes);
        if (png.position(png.position() + dataBytes).getInt() != checksum) {
          throw new MaskFormatException("the mask's PNG is damaged: a chunk's checksum is wrong");
        }
        if (!headerSeen) {
          if (type != IHDR || !data.equals(ByteBuffer.wrap(header(width, height)))) {
            throw new MaskFormatException(
                "the mask's PNG is not 8-bit grey of %dx%d without interlacing"
                    .formatted(width, height));
          }
          headerSeen = true;
        } else if (type == IDAT) {
          inflater.setInput(data);
          filled += inflater.inflate(rows, filled, rows.length - filled);
        } else if (type == IEND) {
          break;
        }
      }
      // One more byte would be one too many.
      if (filled < rows.length || (!inflater.finished() && inflater.inflate(new byte[1]) > 0)) {
        throw new MaskFormatException(
            "the mask's PNG does not hold %dx%d values".formatted(width, height));
      }
      return rows;
    } catch (DataFormatException e) {
      throw new MaskFormatException("the mask's PNG is damaged: it can't be inflated", e);
    } finally {
      inflater.end();
    }
  }

  private static void unfilter(byte[] rows, Mask mask) throws MaskFormatException {
    byte[] values = mask.values();
    int width = mask.width();
    for (int row = 0; row < mask.height(); row++) {
      int filter = rows[row * (width + 1)];
      if (filter < 0 || filter > 4) {
        throw new MaskFormatException("the mask's PNG has a row with unknown filter " + filter);
      }
      for (int x = 0; x < width; x++) {
        int at = row * width + x;
        int left = x > 0 ? values[at - 1] & 0xFF : 0;
        int above = row > 0 ? values[at - width] & 0xFF : 0;
        int aboveLeft = x > 0 && row > 0 ? values[at - width - 1] & 0xFF : 0;
        int prediction =
            switch (filter) {
              case 1 -> left;
              case 2 -> above;
              case 3 -> (left + above) / 2;
              case 4 -> paeth(left, above, aboveLeft);
              default -> 0;
            };
        values[at] = (byte) (rows[row * (width + 1) + 1 + x] + prediction);
      }
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

  private static int rowsBytes(int width, int height) {
    return Math.multiplyExact(width + 1, height);
  }
}
