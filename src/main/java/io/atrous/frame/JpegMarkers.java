package io.atrous.frame;

import java.nio.ByteBuffer;

/**
 * Walks through a JPEG from marker to marker (ITU-T T.81). It is lenient where other decoders are:
 * bytes that belong to no segment, repeated {@code 0xFF}, and markers without a meaning here are
 * passed over.
 *
 * <p><b>Threading:</b> confined to its caller.
 */
final class JpegMarkers {

  /** Stands for a marker where no further whole segment follows. */
  static final int END = -1;

  static final int SOF0 = 0xC0;
  static final int SOF1 = 0xC1;
  static final int SOF2 = 0xC2;
  static final int DHT = 0xC4;
  static final int RST0 = 0xD0;
  static final int RST7 = 0xD7;
  static final int SOI = 0xD8;
  static final int EOI = 0xD9;
  static final int SOS = 0xDA;
  static final int DQT = 0xDB;
  static final int DNL = 0xDC;
  static final int DRI = 0xDD;
  static final int APP0 = 0xE0;
  static final int APP1 = 0xE1;
  static final int APP14 = 0xEE;

  /** The bytes of a segment's length, which counts itself. */
  private static final int LENGTH_BYTES = 2;

  private final ByteBuffer jpeg;
  private int at = 2;
  private ByteBuffer segment;

  /**
   * Starts after the first marker of a JPEG.
   *
   * @param payload the bytes from the buffer's position to its limit; only read
   */
  JpegMarkers(ByteBuffer payload) {
    jpeg = payload.slice();
    segment = jpeg.slice(0, 0);
  }

  /** Moves past the next marker and its segment, and returns the marker, or {@link #END}. */
  int next() {
    int marker = nextMarker();
    if (marker == END || marker == SOI || marker == EOI) {
      segment = jpeg.slice(at, 0);
      return marker;
    }
    int leftBytes = jpeg.limit() - at;
    int bytes = leftBytes < LENGTH_BYTES ? 0 : Short.toUnsignedInt(jpeg.getShort(at));
    if (bytes < LENGTH_BYTES || bytes > leftBytes) {
      at = jpeg.limit();
      return END;
    }
    segment = jpeg.slice(at, bytes);
    at += bytes;
    return marker;
  }

  /** Returns the segment of the last marker, from its length on. */
  ByteBuffer segment() {
    return segment.duplicate();
  }

  /** Returns what the segment of the last marker holds, without its length; perhaps nothing. */
  ByteBuffer content() {
    return segment.slice(LENGTH_BYTES, segment.limit() - LENGTH_BYTES);
  }

  /**
   * Moves past the entropy-coded data that follows a scan's header, and returns it: all up to a
   * marker that is no restart, or to the end.
   */
  ByteBuffer scanData() {
    int start = at;
    int end = at;
    for (int marker = 0; marker == 0 || isRestart(marker); ) {
      end = jpeg.limit();
      if (!toMarker()) {
        break;
      }
      end = at - 1;
      marker = markerCode();
    }
    at = end;
    return jpeg.slice(start, end - start);
  }

  private int nextMarker() {
    while (toMarker()) {
      int marker = markerCode();
      if (marker >= SOF0 && !isRestart(marker)) {
        return marker;
      }
    }
    return END;
  }

  /** Moves past the next 0xFF; returns false if there is none before the end. */
  private boolean toMarker() {
    while (at < jpeg.limit()) {
      if (jpeg.get(at++) == (byte) 0xFF) {
        return true;
      }
    }
    return false;
  }

  /** Moves past the code that follows a 0xFF, and others like it, and returns it; 0 at the end. */
  private int markerCode() {
    while (at < jpeg.limit()) {
      int code = Byte.toUnsignedInt(jpeg.get(at++));
      if (code != 0xFF) {
        return code;
      }
    }
    return 0;
  }

  private static boolean isRestart(int marker) {
    return marker >= RST0 && marker <= RST7;
  }
}
