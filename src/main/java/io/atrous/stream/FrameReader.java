package io.atrous.stream;

import io.atrous.event.ColorMatrix;
import io.atrous.event.ColorRange;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.InvalidEventException;
import io.atrous.frame.ColourMatrix;
import io.atrous.frame.ColourRange;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.OrientationPolicy;
import io.atrous.frame.PayloadEncoding;
import io.atrous.frame.YuvColour;
import io.atrous.inference.FrameFit;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * From a record to the network's input: Avro, limits, pixels, resizing.
 *
 * <p><b>Threading:</b> confined to one worker, as its decoder is.
 */
final class FrameReader {

  private final Deserializer<FrameEvent> deserializer;
  private final FrameLimits limits;
  private final FrameDecoder decoder;

  FrameReader(
      Deserializer<FrameEvent> deserializer,
      FrameLimits limits,
      OrientationPolicy orientationPolicy) {
    this.deserializer = deserializer;
    this.limits = limits;
    this.decoder = new FrameDecoder(limits.image(), orientationPolicy);
  }

  /**
   * Decodes a record.
   *
   * @throws RejectedFrameException if the record is bad, or nobody can decode its payload
   * @throws io.atrous.event.SchemaRegistryException if the registry failed, which says nothing
   *     about the record
   */
  FrameEvent event(SourceRecord record) throws RejectedFrameException {
    FrameEvent event;
    try {
      event = deserializer.deserialize(record.topic(), record.value());
    } catch (InvalidEventException e) {
      throw new RejectedFrameException(DeadLetterReason.UNDECODABLE_RECORD, null, e.getMessage());
    }
    if (event == null) {
      throw new RejectedFrameException(
          DeadLetterReason.UNDECODABLE_RECORD, null, "the record has no value");
    }
    if (event.getEncoding() == FrameEncoding.UNKNOWN) {
      throw new RejectedFrameException(
          DeadLetterReason.UNSUPPORTED_ENCODING, event, "the frame's encoding is not known here");
    }
    Optional<String> excess = limits.excess(record, event);
    if (excess.isPresent()) {
      throw new RejectedFrameException(DeadLetterReason.TOO_LARGE, event, excess.get());
    }
    if (!CalendarRange.contains(event.getCapturedAt())) {
      throw new RejectedFrameException(
          DeadLetterReason.INVALID_TIMESTAMP,
          event,
          "capturedAt is %s; the years 1 to 9999 are allowed".formatted(event.getCapturedAt()));
    }
    return event;
  }

  /**
   * Decodes a payload and resizes it into a slot.
   *
   * @param payload what the event holds or refers to; only read
   * @param fit how the frame's model takes frames
   * @param slot receives uint8 [inputHeight, inputWidth, 3] RGB
   * @throws RejectedFrameException if the image is bad
   */
  FrameGeometry pixels(FrameEvent event, ByteBuffer payload, FrameFit fit, ByteBuffer slot)
      throws RejectedFrameException {
    try {
      PayloadEncoding encoding = PayloadEncoding.named(event.getEncoding().name());
      YuvColour colour = encoding.isYuv() ? colour(event) : YuvColour.DEFAULT;
      return fit.fill(
          decoder,
          new EncodedFrame(
              encoding, event.getWidth(), event.getHeight(), colour, payload.duplicate()),
          slot);
    } catch (FrameRejectedException e) {
      throw new RejectedFrameException(event, e);
    }
  }

  private static YuvColour colour(FrameEvent event) throws FrameRejectedException {
    ColorRange range = event.getColorRange();
    ColorMatrix matrix = event.getColorMatrix();
    return new YuvColour(
        range == null ? YuvColour.DEFAULT.range() : ColourRange.named(range.name()),
        matrix == null ? YuvColour.DEFAULT.matrix() : ColourMatrix.named(matrix.name()));
  }
}
