package io.atrous.settings;

import io.atrous.payload.AllowedPrefix;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The keys of taking in cameras that hold for all of them. */
public final class IngestKeys {

  public static final String STALL_MS = "camera.stall.ms";
  public static final String RESTART_MS = "camera.restart.ms";
  public static final String RESTART_MAX_MS = "camera.restart.max.ms";
  public static final String BUFFER_FRAMES = "camera.buffer.frames";
  public static final String FFMPEG = "ingest.ffmpeg";
  public static final String REFERENCES_PREFIX = "ingest.references.prefix";
  public static final String REFERENCES_ABOVE_BYTES = "ingest.references.above.bytes";

  private static final int HOUR_MS = 3_600_000;

  private IngestKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Cameras")
        .integer(
            STALL_MS,
            10_000,
            100,
            HOUR_MS,
            "How long a camera may send no frame, beyond the time between two at its fps, before its"
                + " ffmpeg is killed and started anew.")
        .integer(
            RESTART_MS,
            1_000,
            1,
            HOUR_MS,
            "The pause before ffmpeg is started anew; it doubles with each start that brought no"
                + " steady stream, and varies by a fifth, so that cameras don't come back at once.")
        .integer(RESTART_MAX_MS, 30_000, 1, HOUR_MS, "The longest such pause.")
        .integer(
            BUFFER_FRAMES,
            8,
            1,
            1024,
            "How many of its newest frames each camera keeps while Kafka is slow or away; older"
                + " ones are dropped, and counted.")
        .text(
            FFMPEG,
            "ffmpeg",
            "The ffmpeg program, 5.1 or newer: a path, or a name that PATH leads to.")
        .text(
            REFERENCES_PREFIX,
            null,
            "Where large frames are put instead of into Kafka: file:///folder or s3://bucket/folder."
                + " Nowhere if not set: a frame that is too large for Kafka is dropped, and"
                + " counted.")
        .integer(
            REFERENCES_ABOVE_BYTES,
            524_288,
            0,
            1 << 30,
            "The size from which on frames are put there, if " + REFERENCES_PREFIX + " is set.");
  }

  /**
   * What holds for all cameras.
   *
   * @throws ConfigException if the longest pause is shorter than the first
   */
  public static CameraPolicy policy(AbstractConfig config) {
    if (config.getInt(RESTART_MAX_MS) < config.getInt(RESTART_MS)) {
      throw new ConfigException("'%s' must be at least '%s'".formatted(RESTART_MAX_MS, RESTART_MS));
    }
    return new CameraPolicy(
        Values.millis(config, STALL_MS),
        Values.millis(config, RESTART_MS),
        Values.millis(config, RESTART_MAX_MS),
        config.getInt(BUFFER_FRAMES),
        config.getInt(FrameKeys.FRAMES_MAX_BYTES));
  }

  /**
   * The place where large frames are put, if there is one.
   *
   * @throws ConfigException in one sentence, if it is none that can be written to
   */
  public static Optional<AllowedPrefix> referencesPrefix(AbstractConfig config) {
    @Nullable String prefix = config.getString(REFERENCES_PREFIX);
    return Optional.ofNullable(prefix)
        .map(text -> Values.checked(REFERENCES_PREFIX, () -> AllowedPrefix.parse(text)));
  }
}
