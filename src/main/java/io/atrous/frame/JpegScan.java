package io.atrous.frame;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A scan of a JPEG, whose codes it passes over as libjpeg does, damaged ones too, without computing
 * a pixel (ITU-T T.81, F and G).
 *
 * <p><b>Threading:</b> confined to its caller.
 */
final class JpegScan {

  static final int COEFFICIENTS = 64;

  private static final int BLOCK_SIDE = 8;
  private static final int RESTART_NUMBERS = 8;

  /** The symbol for sixteen zeros, after which a block goes on. */
  private static final int SIXTEEN_ZEROS = 0xF0;

  private final JpegHeader header;
  private final List<Part> parts;
  private final Band band;
  private final int restartInterval;
  private final ByteBuffer data;
  private final int unitsAcross;
  private final int unitsDown;
  private final int unitRows;

  /** The blocks that are still to come which the band ends before. */
  private int endOfBandRun;

  /**
   * A component of the scan, and the tables of its codes.
   *
   * @param index its position among the frame's components
   */
  record Part(int index, JpegHeader.Component component, HuffmanTable dc, HuffmanTable ac) {

    int blocks() {
      return component.across() * component.down();
    }
  }

  /**
   * The bits of each block that the scan codes.
   *
   * @param first the first coefficient, in zigzag order
   * @param last the last coefficient
   * @param high the low bits that were missing before; 0 if all were
   * @param low the low bits that are missing after it
   */
  record Band(int first, int last, int high, int low) {

    static final Band WHOLE = new Band(0, COEFFICIENTS - 1, 0, 0);

    boolean isRefined() {
      return high > 0;
    }
  }

  /**
   * @param parts the components; if there is only one, it has no blocks beyond its edges
   * @param band the coefficients; of one component alone unless they begin with the first
   * @param restartInterval the units between two restarts, 0 for no restarts
   * @param data the entropy-coded data, from position 0 to the buffer's limit; stays the caller's
   */
  JpegScan(JpegHeader header, List<Part> parts, Band band, int restartInterval, ByteBuffer data) {
    this.header = header;
    this.parts = parts;
    this.band = band;
    this.restartInterval = restartInterval;
    this.data = data;
    JpegHeader.Component only = parts.get(0).component;
    int across = isInterleaved() ? 1 : only.across();
    int down = isInterleaved() ? 1 : only.down();
    unitsAcross = units(header.size().width() * across, header.maxAcross());
    unitsDown = units(header.size().height() * down, header.maxDown());
    unitRows = BLOCK_SIDE * header.maxDown() / down;
  }

  private static int units(long samples, int maxSampling) {
    return (int) ((samples - 1) / BLOCK_SIDE / maxSampling) + 1;
  }

  /** Returns the position of its first component among the frame's. */
  int firstComponent() {
    return parts.get(0).index;
  }

  /** Returns the number of its units: a block of one component, or some of each. */
  int units() {
    return unitsAcross * unitsDown;
  }

  /** Returns whether it codes coefficients of a progressive image beside the first. */
  boolean codesBand() {
    return header.progressive() && band.first > 0;
  }

  /** Returns the rows of the image that are whole if that many units are. */
  long rows(int wholeUnits) {
    return Math.min((long) wholeUnits / unitsAcross * unitRows, header.size().height());
  }

  /**
   * Passes over the data and returns how many units are whole before the first that isn't.
   *
   * @param nonZeros for each block the coefficients that are not 0, one bit each, before the scan
   *     and after it; used only if it {@link #codesBand}
   */
  int wholeUnits(long[] nonZeros) {
    ScanBits bits = new ScanBits(data);
    endOfBandRun = 0;
    int restarts = 0;
    for (int unit = 0; unit < units(); unit++) {
      if (restartInterval > 0 && unit > 0 && unit % restartInterval == 0) {
        if (!bits.restart(restarts++ % RESTART_NUMBERS)) {
          return unit;
        }
        endOfBandRun = 0;
      }
      if (codesBand()) {
        long before = nonZeros[unit];
        nonZeros[unit] = band.isRefined() ? passRefinedBand(bits, before) : passBand(bits, before);
      } else {
        passUnit(bits);
      }
      if (bits.isOverdrawn()) {
        return unit;
      }
    }
    return units();
  }

  private boolean isInterleaved() {
    return parts.size() > 1;
  }

  private void passUnit(ScanBits bits) {
    for (Part part : parts) {
      int blocks = isInterleaved() ? part.blocks() : 1;
      for (int block = 0; block < blocks; block++) {
        if (!header.progressive()) {
          passBlock(bits, part);
        } else if (band.isRefined()) {
          var unused = bits.read(1);
        } else {
          var unused = part.dc.next(bits);
        }
      }
    }
  }

  private static void passBlock(ScanBits bits, Part part) {
    var unused = part.dc.next(bits);
    for (int at = 1; at < COEFFICIENTS; ) {
      int symbol = part.ac.next(bits);
      if (endsBlock(symbol)) {
        return;
      }
      at += zerosBefore(symbol) + 1;
    }
  }

  private long passBand(ScanBits bits, long nonZeros) {
    if (endOfBandRun > 0) {
      endOfBandRun--;
      return nonZeros;
    }
    long after = nonZeros;
    for (int at = band.first; at <= band.last; at++) {
      int symbol = parts.get(0).ac.next(bits);
      if (endsBlock(symbol)) {
        endOfBandRun = run(bits, symbol) - 1;
        return after;
      }
      at += zerosBefore(symbol);
      if (symbol != SIXTEEN_ZEROS) {
        after |= bit(at);
      }
    }
    return after;
  }

  /** Passes over a band of which each coefficient that is not 0 has a bit of its own. */
  private long passRefinedBand(ScanBits bits, long nonZeros) {
    long after = nonZeros;
    int at = band.first;
    for (; at <= band.last && endOfBandRun == 0; at++) {
      int symbol = parts.get(0).ac.next(bits);
      if (endsBlock(symbol)) {
        endOfBandRun = run(bits, symbol);
        break;
      }
      int zeros = zerosBefore(symbol);
      for (; at <= band.last; at++) {
        if ((after & bit(at)) != 0) {
          var unused = bits.read(1);
        } else if (--zeros < 0) {
          break;
        }
      }
      if (symbol != SIXTEEN_ZEROS) {
        after |= bit(at);
      }
    }
    if (endOfBandRun > 0) {
      long left =
          at > band.last ? 0 : after & (-1L << at) & (-1L >>> (COEFFICIENTS - 1 - band.last));
      bits.pass(Long.bitCount(left));
      endOfBandRun--;
    }
    return after;
  }

  private static int run(ScanBits bits, int symbol) {
    int length = zerosBefore(symbol);
    return (1 << length) + bits.read(length);
  }

  /** Returns whether a symbol codes no coefficient, and isn't the one for sixteen zeros. */
  private static boolean endsBlock(int symbol) {
    return (symbol & 0xF) == 0 && symbol != SIXTEEN_ZEROS;
  }

  private static int zerosBefore(int symbol) {
    return symbol >> 4;
  }

  /** Returns the bit of a coefficient; a damaged scan may count beyond the last. */
  private static long bit(int coefficient) {
    return 1L << Math.min(coefficient, COEFFICIENTS - 1);
  }
}
