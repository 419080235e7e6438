package io.atrous.chaos;

import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Ways in which a camera sends what can't be answered with a mask. */
enum Poison {
  /** Bytes that are not a record of Atrous. */
  UNRELATED_BYTES(DeadLetterReason.UNDECODABLE_RECORD),
  /** A record of ours that names a schema nobody registered. */
  UNKNOWN_SCHEMA(DeadLetterReason.UNDECODABLE_RECORD),
  /** A record of ours that ends too early. */
  CUT_RECORD(DeadLetterReason.UNDECODABLE_RECORD),
  /** Half a JPEG. */
  CUT_IMAGE(DeadLetterReason.UNDECODABLE_IMAGE),
  /** Bytes that are not a JPEG. */
  NO_IMAGE(DeadLetterReason.UNDECODABLE_IMAGE),
  /** A JPEG whose header claims 65,000 x 65,000 pixels. */
  JPEG_BOMB(DeadLetterReason.TOO_LARGE),
  /** A raw frame that claims to be far larger than its bytes. */
  RAW_CLAIM(DeadLetterReason.TOO_LARGE);

  private static final int CLAIMED_PIXELS = 65_000;
  private static final int HEADER_BYTES = 5;

  /** The marker of a baseline JPEG's frame header: length, precision, height, width. */
  private static final int START_OF_FRAME = 0xFFC0;

  private final DeadLetterReason reason;

  Poison(DeadLetterReason reason) {
    this.reason = reason;
  }

  /** The reason that its dead letter must give. */
  DeadLetterReason reason() {
    return reason;
  }

  /**
   * A record's value that is a frame, but for the poison.
   *
   * @param serializer the serializer to Confluent's wire format
   */
  byte[] spoil(FrameEvent frame, byte[] jpeg, Function<FrameEvent, byte[]> serializer) {
    return switch (this) {
      case UNRELATED_BYTES -> "{\"camera\": \"not ours\"}".getBytes(StandardCharsets.UTF_8);
      case UNKNOWN_SCHEMA -> {
        byte[] record = serializer.apply(frame);
        ByteBuffer.wrap(record).putInt(1, Integer.MAX_VALUE);
        yield record;
      }
      case CUT_RECORD -> {
        byte[] record = serializer.apply(frame);
        yield Arrays.copyOf(record, HEADER_BYTES + (record.length - HEADER_BYTES) / 2);
      }
      case CUT_IMAGE ->
          serializer.apply(
              with(frame, FrameEncoding.JPEG, null, Arrays.copyOf(jpeg, jpeg.length / 2)));
      case NO_IMAGE -> serializer.apply(with(frame, FrameEncoding.JPEG, null, new byte[1000]));
      case JPEG_BOMB ->
          serializer.apply(with(frame, FrameEncoding.JPEG, null, claiming(jpeg.clone())));
      case RAW_CLAIM ->
          serializer.apply(with(frame, FrameEncoding.RGB24, CLAIMED_PIXELS, new byte[300]));
    };
  }

  private static FrameEvent with(
      FrameEvent frame, FrameEncoding encoding, @Nullable Integer sidePixels, byte[] payload) {
    return new FrameEvent(
        frame.getFrameId(),
        frame.getCameraId(),
        frame.getSequence(),
        frame.getCapturedAt(),
        encoding,
        sidePixels,
        sidePixels,
        ByteBuffer.wrap(payload),
        frame.getAttributes(),
        frame.getColorRange(),
        frame.getColorMatrix());
  }

  /** Writes other numbers into the frame header, which follows some segments with a length. */
  private static byte[] claiming(byte[] jpeg) {
    ByteBuffer bytes = ByteBuffer.wrap(jpeg);
    int at = 2;
    while ((bytes.getShort(at) & 0xFFFF) != START_OF_FRAME) {
      at += 2 + (bytes.getShort(at + 2) & 0xFFFF);
    }
    return bytes
        .putShort(at + 5, (short) CLAIMED_PIXELS)
        .putShort(at + 7, (short) CLAIMED_PIXELS)
        .array();
  }
}
