package io.atrous.stream;

import io.atrous.event.FrameEvent;
import io.atrous.frame.DecodeLimits;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.utils.Utils;

/**
 * How large a frame may be, its words included: every event that comes of it carries its ids.
 *
 * @param image of its payload and pixels
 * @param maxIdBytes of its record's key, its frame id and its camera id, each in UTF-8
 * @param maxAttributes how many it may have
 * @param maxAttributesBytes of all their names and values together, in UTF-8
 */
public record FrameLimits(
    DecodeLimits image, int maxIdBytes, int maxAttributes, int maxAttributesBytes) {

  public static final int DEFAULT_MAX_ID_BYTES = 512;
  public static final int DEFAULT_MAX_ATTRIBUTES = 64;
  public static final int DEFAULT_MAX_ATTRIBUTES_BYTES = 16 << 10;

  /** Image limits as given, and what no honest producer reaches otherwise. */
  public static FrameLimits of(DecodeLimits image) {
    return new FrameLimits(
        image, DEFAULT_MAX_ID_BYTES, DEFAULT_MAX_ATTRIBUTES, DEFAULT_MAX_ATTRIBUTES_BYTES);
  }

  /** In one sentence, what a frame's words have too much of; nothing if they are within limits. */
  Optional<String> excess(SourceRecord record, FrameEvent event) {
    int keyBytes = record.key() == null ? 0 : record.key().length;
    return tooLong("record's key", keyBytes)
        .or(() -> tooLong("frame id", Utils.utf8Length(event.getFrameId())))
        .or(() -> tooLong("camera id", Utils.utf8Length(event.getCameraId())))
        .or(() -> tooMany(event.getAttributes()));
  }

  private Optional<String> tooLong(String id, int bytes) {
    return bytes <= maxIdBytes
        ? Optional.empty()
        : Optional.of("the %s has %d bytes; the limit is %d".formatted(id, bytes, maxIdBytes));
  }

  private Optional<String> tooMany(Map<String, String> attributes) {
    if (attributes.size() > maxAttributes) {
      return Optional.of(
          "the frame has %d attributes; the limit is %d"
              .formatted(attributes.size(), maxAttributes));
    }
    long bytes = 0;
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      bytes += Utils.utf8Length(attribute.getKey()) + Utils.utf8Length(attribute.getValue());
    }
    return bytes <= maxAttributesBytes
        ? Optional.empty()
        : Optional.of(
            "the frame's attributes have %d bytes; the limit is %d"
                .formatted(bytes, maxAttributesBytes));
  }
}
