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

  private JpegPicture() {}

  /**
   * Copies the segments that a decoder needs. libjpeg refuses pictures for what lies beside them:
   * markers that T.81 reserves, and a height that is stated late.
   *
   * @param payload a JPEG
   * @param header the payload's header
   * @param target a buffer with room for the payload
   * @throws FrameRejectedException if the payload holds no scan, or too many
   */
  static void copy(ByteBuffer payload, JpegHeader header, ByteBuffer target)
      throws FrameRejectedException {
    JpegMarkers markers = new JpegMarkers(payload);
    putMarker(target, JpegMarkers.SOI);
    boolean framed = false;
    int scans = 0;
    boolean ended = false;
    while (!ended) {
      int marker = markers.next();
      switch (marker) {
        case JpegMarkers.DQT,
            JpegMarkers.DHT,
            JpegMarkers.DRI,
            JpegMarkers.APP0,
            JpegMarkers.APP14 ->
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
          if (++scans > MAX_SCANS) {
            throw new FrameRejectedException(
                Reason.TOO_LARGE, "the JPEG has more than " + MAX_SCANS + " scans");
          }
          putSegment(target, marker, markers);
          target.put(markers.scanData());
        }
        case JpegMarkers.END -> ended = true;
        case JpegMarkers.EOI -> {
          putMarker(target, marker);
          ended = true;
        }
        default -> {}
      }
    }
    if (scans == 0) {
      throw JpegHeader.withoutImage();
    }
  }

  private static void putSegment(ByteBuffer target, int marker, JpegMarkers markers) {
    putMarker(target, marker);
    target.put(markers.segment());
  }

  private static void putMarker(ByteBuffer target, int marker) {
    target.put((byte) 0xFF).put((byte) marker);
  }
}
