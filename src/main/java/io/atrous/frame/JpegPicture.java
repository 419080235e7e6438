package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;

/** Copies of a JPEG what makes its picture, and nothing else. */
final class JpegPicture {

  /**
   * Encoders write about ten scans. Each scan of a progressive image makes the decoder visit every
   * block again, so that a small payload with thousands of them would cost minutes.
   */
  private static final int MAX_SCANS = 100;

  /** The bytes before the height in a frame header: marker, length and precision. */
  private static final int HEIGHT_AT = 5;

  /** The bytes that libjpeg reads ahead of what it needs. */
  private static final int READ_AHEAD_BYTES = 7;

  /** The bytes by which a copy may be longer: an end marker, or escaped bytes to be read ahead. */
  static final int ADDED_BYTES = 2 * READ_AHEAD_BYTES;

  private JpegPicture() {}

  /**
   * Copies the segments that a decoder needs, and ends them. libjpeg refuses pictures for what lies
   * beside them: markers that T.81 reserves, a height that is stated late, a missing end marker.
   *
   * <p>A picture in one run of data gets no end marker: at a marker libjpeg would fill up with grey
   * what is missing, but where its input ends it gives up. It has enough bytes to read ahead.
   *
   * @param payload a JPEG
   * @param header the payload's header
   * @param target a buffer with room for the payload and {@link #ADDED_BYTES}
   * @return the scans, whose data lies in the target
   * @throws FrameRejectedException if not all of the picture is announced, or in too many scans
   */
  static JpegScans copy(ByteBuffer payload, JpegHeader header, ByteBuffer target)
      throws FrameRejectedException {
    JpegMarkers markers = new JpegMarkers(payload);
    JpegScans scans = new JpegScans(header);
    putMarker(target, JpegMarkers.SOI);
    boolean framed = false;
    int marker;
    do {
      marker = markers.next();
      switch (marker) {
        case JpegMarkers.DHT -> {
          scans.defineTables(markers.content());
          putSegment(target, marker, markers);
        }
        case JpegMarkers.DRI -> {
          scans.defineRestartInterval(markers.content());
          putSegment(target, marker, markers);
        }
        case JpegMarkers.DQT, JpegMarkers.APP0, JpegMarkers.APP14 ->
            putSegment(target, marker, markers);
        case JpegMarkers.SOF0, JpegMarkers.SOF1, JpegMarkers.SOF2 -> {
          if (framed) {
            throw new FrameRejectedException(
                Reason.UNDECODABLE_IMAGE, "the JPEG has two frame headers");
          }
          framed = true;
          int heightAt = target.position() + HEIGHT_AT;
          putSegment(target, marker, markers);
          target.putShort(heightAt, (short) header.size().height());
        }
        case JpegMarkers.SOS -> {
          if (scans.count() == MAX_SCANS) {
            throw new FrameRejectedException(
                Reason.TOO_LARGE, "the JPEG has more than " + MAX_SCANS + " scans");
          }
          putSegment(target, marker, markers);
          int dataAt = target.position();
          target.put(markers.scanData());
          scans.add(markers.content(), target.slice(dataAt, target.position() - dataAt));
        }
        default -> {}
      }
    } while (!isOver(marker, header, scans));
    if (scans.areOneRun()) {
      for (int i = 0; i < READ_AHEAD_BYTES; i++) {
        target.put((byte) 0xFF).put((byte) 0); // bits that are no code
      }
    } else {
      putMarker(target, JpegMarkers.EOI);
    }
    // Only an end marker says that a progressive picture is meant to stay rough.
    if (marker == JpegMarkers.EOI ? !scans.haveEveryPixel() : !scans.haveEveryBit()) {
      throw scans.count() == 0
          ? JpegHeader.withoutImage()
          : new FrameRejectedException(
              Reason.UNDECODABLE_IMAGE,
              "the JPEG is incomplete: it ends after scan %d".formatted(scans.count()));
    }
    return scans;
  }

  /** Returns whether a picture ends with a marker's segment: after it, only others may follow. */
  private static boolean isOver(int marker, JpegHeader header, JpegScans scans) {
    return switch (marker) {
      case JpegMarkers.END, JpegMarkers.EOI -> true;
      case JpegMarkers.SOI -> scans.count() > 0;
      case JpegMarkers.SOS -> !header.progressive() && scans.haveEveryBit();
      default -> false;
    };
  }

  private static void putSegment(ByteBuffer target, int marker, JpegMarkers markers) {
    putMarker(target, marker);
    target.put(markers.segment());
  }

  private static void putMarker(ByteBuffer target, int marker) {
    target.put((byte) 0xFF).put((byte) marker);
  }
}
