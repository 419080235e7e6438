package io.atrous.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Splits a stream into the JPEGs (ITU-T T.81) that follow each other in it. It goes from segment to
 * segment by their lengths, so that a thumbnail inside of one ends nothing. What lies between
 * pictures is passed over; a picture that breaks off, or is larger than it may be, is left out, so
 * a stream of anything takes no more memory than one picture.
 *
 * <p><b>Threading:</b> confined to one thread. The stream stays the caller's.
 */
final class JpegSplitter {

  private static final int PREFIX = 0xFF;
  private static final int STUFFED = 0x00;
  private static final int TEM = 0x01;
  private static final int RST0 = 0xD0;
  private static final int RST7 = 0xD7;
  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int FIRST_BYTES = 64 << 10;
  private static final int READ_BYTES = 64 << 10;

  private final InputStream in;
  private final int maxBytes;
  private final Consumer<DropReason> dropped;

  private final byte[] read = new byte[READ_BYTES];
  private int at;
  private int limit;

  private byte[] picture = new byte[FIRST_BYTES];
  private int length;

  /** A picture can't be used. */
  private static final class UnfitException extends Exception {
    private static final long serialVersionUID = 1L;

    private final DropReason reason;

    UnfitException(DropReason reason) {
      super(null, null, false, false);
      this.reason = reason;
    }
  }

  /**
   * @param maxBytes the largest picture
   * @param dropped hears of each picture that is left out, and why
   */
  JpegSplitter(InputStream in, int maxBytes, Consumer<DropReason> dropped) {
    this.in = in;
    this.maxBytes = maxBytes;
    this.dropped = dropped;
  }

  /** Returns the next whole picture, or null at the end of the stream. */
  byte @Nullable [] next() throws IOException {
    while (toStart()) {
      try {
        return take() ? Arrays.copyOf(picture, length) : null;
      } catch (UnfitException e) {
        dropped.accept(e.reason);
      }
    }
    return null;
  }

  /** Moves past the next start of a picture; false if there is none. */
  private boolean toStart() throws IOException {
    int before = 0;
    for (int now = read(); now >= 0; now = read()) {
      if (before == PREFIX && now == SOI) {
        return true;
      }
      before = now;
    }
    return false;
  }

  /** Takes a picture after its start, up to and with its end; false if the stream ends first. */
  private boolean take() throws IOException, UnfitException {
    length = 0;
    put(PREFIX);
    put(SOI);
    boolean scan = false;
    while (true) {
      int marker = scan ? afterScan() : marker();
      if (marker < 0) {
        return false;
      }
      if (marker == SOI) {
        // Another picture begins here: this one has no end.
        dropped.accept(DropReason.DAMAGED);
        length = 0;
        put(PREFIX);
        put(SOI);
        scan = false;
        continue;
      }
      put(PREFIX);
      put(marker);
      if (marker == EOI) {
        return true;
      }
      if (!segment()) {
        return false;
      }
      scan = marker == SOS;
    }
  }

  /** Reads a marker that must stand here, with or without fill bytes; negative at the end. */
  private int marker() throws IOException, UnfitException {
    int code = read();
    if (code >= 0 && code != PREFIX) {
      throw new UnfitException(DropReason.DAMAGED);
    }
    while (code == PREFIX) {
      code = read();
    }
    if (code == STUFFED || code == TEM || isRestart(code)) {
      throw new UnfitException(DropReason.DAMAGED);
    }
    return code;
  }

  /** Takes the data of a scan, and reads the marker that ends it; negative at the stream's end. */
  private int afterScan() throws IOException, UnfitException {
    while (true) {
      int value = read();
      if (value < 0) {
        return value;
      }
      if (value != PREFIX) {
        put(value);
        continue;
      }
      int code = read();
      while (code == PREFIX) {
        code = read();
      }
      if (code != STUFFED && !isRestart(code)) {
        return code;
      }
      put(PREFIX);
      put(code);
    }
  }

  /** Takes a segment with its length; false at the end of the stream. */
  private boolean segment() throws IOException, UnfitException {
    int high = read();
    int low = read();
    if (low < 0) {
      return false;
    }
    int bytes = high << 8 | low;
    if (bytes < 2) {
      throw new UnfitException(DropReason.DAMAGED);
    }
    put(high);
    put(low);
    for (int i = 2; i < bytes; i++) {
      int value = read();
      if (value < 0) {
        return false;
      }
      put(value);
    }
    return true;
  }

  private static boolean isRestart(int code) {
    return code >= RST0 && code <= RST7;
  }

  private int read() throws IOException {
    if (at == limit) {
      at = 0;
      limit = Math.max(0, in.read(read, 0, read.length));
      if (limit == 0) {
        return -1;
      }
    }
    return Byte.toUnsignedInt(read[at++]);
  }

  private void put(int value) throws UnfitException {
    if (length == maxBytes) {
      throw new UnfitException(DropReason.TOO_LARGE);
    }
    if (length == picture.length) {
      picture = Arrays.copyOf(picture, (int) Math.min(maxBytes, 2L * length));
    }
    picture[length++] = (byte) value;
  }
}
