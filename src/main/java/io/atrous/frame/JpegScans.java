package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import io.atrous.frame.JpegScan.Band;
import io.atrous.frame.JpegScan.Part;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The scans of a JPEG, and what they must hold. libjpeg fills up with grey what is missing, and
 * tells nobody; so this looks whether every scan is whole.
 *
 * <p><b>Threading:</b> confined to its caller.
 */
final class JpegScans {

  private static final int MAX_COMPONENTS = 4;

  /** The highest of the low bits that a scan may leave to later ones. */
  private static final int MAX_LOW = 13;

  /** Stands for the missing bits of a coefficient that no scan has coded. */
  private static final byte ALL_BITS = Byte.MAX_VALUE;

  private final JpegHeader header;
  private final HuffmanTable[] dcTables = {
    HuffmanTable.DC_LUMINANCE, HuffmanTable.DC_CHROMINANCE, HuffmanTable.NONE, HuffmanTable.NONE
  };
  private final HuffmanTable[] acTables = {
    HuffmanTable.AC_LUMINANCE, HuffmanTable.AC_CHROMINANCE, HuffmanTable.NONE, HuffmanTable.NONE
  };
  private final List<JpegScan> scans = new ArrayList<>();
  private int restartInterval;

  /** For each component and coefficient the low bits that no scan has coded yet. */
  private final byte[][] missingBits;

  JpegScans(JpegHeader header) {
    this.header = header;
    int components = header.components().size();
    missingBits = new byte[components][JpegScan.COEFFICIENTS];
    for (byte[] bits : missingBits) {
      Arrays.fill(bits, ALL_BITS);
    }
  }

  /** Takes the tables of a DHT segment, which replace others of the same numbers. */
  void defineTables(ByteBuffer content) throws FrameRejectedException {
    while (content.hasRemaining()) {
      int id = Byte.toUnsignedInt(content.get());
      int number = id & 0xF;
      if (number >= dcTables.length || id >> 4 > 1) {
        throw damaged("a Huffman table has the number " + id);
      }
      (id >> 4 == 0 ? dcTables : acTables)[number] = HuffmanTable.read(content);
    }
  }

  /** Takes the restart interval of a DRI segment. */
  void defineRestartInterval(ByteBuffer content) {
    if (content.remaining() >= Short.BYTES) {
      restartInterval = Short.toUnsignedInt(content.getShort());
    }
  }

  /**
   * Takes a scan as it was announced, unchecked.
   *
   * @param content the content of its SOS segment
   * @param data its entropy-coded data, from position 0 to the buffer's limit; stays the caller's
   */
  void add(ByteBuffer content, ByteBuffer data) throws FrameRejectedException {
    int size = content.hasRemaining() ? Byte.toUnsignedInt(content.get()) : 0;
    if (size < 1 || size > MAX_COMPONENTS || content.remaining() < 2 * size + 3) {
      throw damaged("a scan's header is impossible");
    }
    List<Part> parts = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      int id = Byte.toUnsignedInt(content.get());
      int tables = Byte.toUnsignedInt(content.get());
      parts.add(part(id, tables >> 4, tables & 0xF));
    }
    Band band = header.progressive() ? band(content, size) : Band.WHOLE;
    scans.add(new JpegScan(header, parts, band, restartInterval, data));
    for (Part part : parts) {
      Arrays.fill(missingBits[part.index()], band.first(), band.last() + 1, (byte) band.low());
    }
  }

  int count() {
    return scans.size();
  }

  /** Returns whether a decoder that meets the end of the data has met the end of the picture. */
  boolean areOneRun() {
    return scans.size() == 1 && !header.progressive() && restartInterval == 0;
  }

  /**
   * Passes over the data of the scans.
   *
   * @throws FrameRejectedException if a part of a scan is missing; the message says how many rows
   *     are whole
   */
  void check() throws FrameRejectedException {
    // For each component and block the coefficients that are not 0, one bit each.
    long[][] nonZeros = new long[header.components().size()][0];
    for (int i = 0; i < scans.size(); i++) {
      JpegScan scan = scans.get(i);
      int first = scan.firstComponent();
      if (scan.codesBand() && nonZeros[first].length == 0) {
        nonZeros[first] = new long[scan.units()];
      }
      int whole = scan.wholeUnits(nonZeros[first]);
      if (whole < scan.units()) {
        throw new FrameRejectedException(
            Reason.UNDECODABLE_IMAGE,
            "the JPEG is incomplete: %d of its %d rows are whole%s"
                .formatted(
                    scan.rows(whole),
                    header.size().height(),
                    scans.size() == 1 ? "" : " in scan " + (i + 1)));
      }
    }
  }

  /** Returns whether something of each component is announced, and so of every pixel. */
  boolean haveEveryPixel() {
    return Arrays.stream(missingBits).allMatch(bits -> bits[0] != ALL_BITS);
  }

  /** Returns whether everything is announced, to the last bit. */
  boolean haveEveryBit() {
    for (byte[] component : missingBits) {
      for (byte bits : component) {
        if (bits != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private Part part(int id, int dc, int ac) throws FrameRejectedException {
    List<JpegHeader.Component> components = header.components();
    for (int index = 0; index < components.size(); index++) {
      if (components.get(index).id() == id && dc < dcTables.length && ac < acTables.length) {
        return new Part(index, components.get(index), dcTables[dc], acTables[ac]);
      }
    }
    throw damaged("a scan is of an unknown component or Huffman table");
  }

  private static Band band(ByteBuffer content, int components) throws FrameRejectedException {
    int first = Byte.toUnsignedInt(content.get());
    int last = Byte.toUnsignedInt(content.get());
    int bits = Byte.toUnsignedInt(content.get());
    Band band = new Band(first, last, bits >> 4, bits & 0xF);
    boolean possible =
        first == 0 ? last == 0 : first <= last && last < JpegScan.COEFFICIENTS && components == 1;
    if (!possible || band.low() > MAX_LOW || (band.isRefined() && band.high() != band.low() + 1)) {
      throw damaged("a scan's header is impossible");
    }
    return band;
  }

  private static FrameRejectedException damaged(String what) {
    return new FrameRejectedException(Reason.UNDECODABLE_IMAGE, "the JPEG is damaged: " + what);
  }
}
