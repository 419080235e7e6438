package io.atrous.settings;

import io.atrous.frame.DecodeLimits;
import io.atrous.frame.OrientationPolicy;
import io.atrous.stream.CameraWeights;
import io.atrous.stream.FrameLimits;
import io.atrous.stream.SheddingPolicy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Range;

/** The keys of which frames are answered, in which turn, and by how many workers. */
public final class FrameKeys {

  public static final String FRAMES_MAX_BYTES = "frames.max.bytes";
  public static final String FRAMES_MAX_PIXELS = "frames.max.pixels";
  public static final String FRAMES_MAX_ID_BYTES = "frames.max.id.bytes";
  public static final String FRAMES_MAX_ATTRIBUTES = "frames.max.attributes";
  public static final String FRAMES_MAX_ATTRIBUTES_BYTES = "frames.max.attributes.bytes";
  public static final String FRAMES_MAX_AGE_MS = "frames.max.age.ms";
  public static final String FRAMES_MAX_SKEW_MS = "frames.max.skew.ms";
  public static final String FRAMES_LATEST_ONLY = "frames.latest.only";
  public static final String CAMERA_WEIGHTS = "camera.weights";
  public static final String FRAMES_SHED_ACCOUNTING = "frames.shed.accounting";
  public static final String FRAMES_EXIF_ORIENTATION = "frames.exif.orientation";
  public static final String WORKER_THREADS = "worker.threads";

  private static final Range WITHIN_A_YEAR = Range.between(0L, TimeUnit.DAYS.toMillis(365));

  private FrameKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Frames")
        .integer(
            FRAMES_MAX_BYTES,
            16 << 20,
            1,
            1 << 30,
            "The largest payload that is decoded; a larger one becomes a dead letter.")
        .integer(
            FRAMES_MAX_PIXELS,
            33_177_600,
            1,
            134_217_728,
            "The most pixels a frame may have; checked in the header, before decoding. The default"
                + " is 8K.")
        .integer(
            FRAMES_MAX_ID_BYTES,
            FrameLimits.DEFAULT_MAX_ID_BYTES,
            1,
            65_536,
            "How long a record's key, a frame id and a camera id may each be, in UTF-8; every event"
                + " of the frame repeats them. A frame with more becomes a dead letter.")
        .integer(
            FRAMES_MAX_ATTRIBUTES,
            FrameLimits.DEFAULT_MAX_ATTRIBUTES,
            0,
            65_536,
            "How many attributes a frame may have; a frame with more becomes a dead letter.")
        .integer(
            FRAMES_MAX_ATTRIBUTES_BYTES,
            FrameLimits.DEFAULT_MAX_ATTRIBUTES_BYTES,
            0,
            64 << 20,
            "How long the names and values of a frame's attributes may be together, in UTF-8; a"
                + " frame with more becomes a dead letter.")
        .optional(
            FRAMES_MAX_AGE_MS,
            ConfigDef.Type.LONG,
            0L,
            WITHIN_A_YEAR,
            "Frames older than this are shed, when they come and again before the network takes"
                + " them; 0 answers frames of any age. The age is this machine's time less the"
                + " record's timestamp: the producer's time with CreateTime, the broker's with"
                + " LogAppendTime.")
        .optional(
            FRAMES_MAX_SKEW_MS,
            ConfigDef.Type.LONG,
            SheddingPolicy.DEFAULT_MAX_SKEW.toMillis(),
            WITHIN_A_YEAR,
            "How far a record's timestamp may lie in the future before its frame is counted as"
                + " skewed. Such a frame is answered: its age is 0.")
        .flag(
            FRAMES_LATEST_ONLY,
            "Keep cameras near real time under overload: while two frames of a camera are on their"
                + " way, only its newest waits behind them, and those before it are shed. A camera"
                + " is its records' key.")
        .list(
            CAMERA_WEIGHTS,
            "Cameras share the device in turns. A camera with a weight, such as gate-7=4, gets that"
                + " many frames answered where another gets one, while both have some waiting: 1 to"
                + " 100. A camera is its records' key.")
        .choice(
            FRAMES_SHED_ACCOUNTING,
            ShedAccounting.DEAD_LETTER,
            "What a shed frame leaves behind: a dead letter with the reason STALE and without the"
                + " frame's value, or only a count, which the log sums up each minute.")
        .choice(
            FRAMES_EXIF_ORIENTATION,
            OrientationPolicy.IGNORE,
            "What becomes of the EXIF orientation of JPEGs and PNGs, which phones and body cameras"
                + " write instead of turning the picture: ignored, so that masks and regions are of"
                + " the stored pixels, or applied, so that they are of the upright picture. Events"
                + " say in frameOrientation what was applied.")
        .integer(
            WORKER_THREADS,
            0,
            0,
            1024,
            "Threads that decode, resize and encode beside the device; 0 means one per core.");
  }

  /** How large a frame may be. */
  public static FrameLimits limits(AbstractConfig config) {
    return new FrameLimits(
        new DecodeLimits(config.getInt(FRAMES_MAX_BYTES), config.getInt(FRAMES_MAX_PIXELS)),
        config.getInt(FRAMES_MAX_ID_BYTES),
        config.getInt(FRAMES_MAX_ATTRIBUTES),
        config.getInt(FRAMES_MAX_ATTRIBUTES_BYTES));
  }

  /** Whether pictures are turned upright. */
  public static OrientationPolicy orientationPolicy(AbstractConfig config) {
    return Values.choice(config, OrientationPolicy.class, FRAMES_EXIF_ORIENTATION);
  }

  /** Which frames are shed. */
  public static SheddingPolicy shedding(AbstractConfig config) {
    return new SheddingPolicy(
        Duration.ofMillis(config.getLong(FRAMES_MAX_AGE_MS)),
        Duration.ofMillis(config.getLong(FRAMES_MAX_SKEW_MS)),
        config.getBoolean(FRAMES_LATEST_ONLY),
        Values.choice(config, ShedAccounting.class, FRAMES_SHED_ACCOUNTING)
            == ShedAccounting.DEAD_LETTER);
  }

  /** How cameras share the device. */
  public static CameraWeights weights(AbstractConfig config) {
    return Values.checked(
        CAMERA_WEIGHTS, () -> CameraWeights.parse(config.getList(CAMERA_WEIGHTS)));
  }

  /** How many threads decode, resize and encode. */
  public static int workers(AbstractConfig config) {
    return Values.coresUnlessSet(config, WORKER_THREADS);
  }
}
