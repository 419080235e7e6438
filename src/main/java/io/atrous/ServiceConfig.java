package io.atrous;

import io.atrous.event.EventSerdes;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.inference.PrecisionChoice;
import io.atrous.mask.ConfidenceLevels;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.RegionOptions;
import io.atrous.model.Model;
import io.atrous.payload.AllowedPrefix;
import io.atrous.payload.PayloadSettings;
import io.atrous.payload.S3Settings;
import io.atrous.stream.CameraWeights;
import io.atrous.stream.FrameTopics;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * Every key of the service. Settings of Kafka's clients pass through behind {@value
 * #STREAMS_PREFIX}, except those the guarantee rests on ({@link ReservedKeys}).
 *
 * <p><b>Threading:</b> immutable.
 */
public final class ServiceConfig {

  public static final String STREAMS_PREFIX = "streams.";
  public static final String ENVIRONMENT_PREFIX = "ATROUS_";

  public static final String APPLICATION_ID = "application.id";
  public static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  public static final String PROCESSING_GUARANTEE = "processing.guarantee";
  public static final String STREAM_THREADS = "stream.threads";
  public static final String COMMIT_INTERVAL_MS = "commit.interval.ms";
  public static final String WINDOW_FRAMES = "window.frames";
  public static final String DRAIN_TIMEOUT_MS = "drain.timeout.ms";
  public static final String SHUTDOWN_TIMEOUT_MS = "shutdown.timeout.ms";

  public static final String FRAMES_TOPICS = "frames.topics";
  public static final String FRAMES_TOPICS_PATTERN = "frames.topics.pattern";
  public static final String MASKS_TOPIC = "masks.topic";
  public static final String REGIONS_TOPIC = "regions.topic";
  public static final String DEAD_LETTERS_TOPIC = "dead.letters.topic";
  public static final String DEAD_LETTERS_MAX_VALUE_BYTES = "dead.letters.max.value.bytes";

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
  public static final String WORKER_THREADS = "worker.threads";

  public static final String REFERENCES_ALLOWED_PREFIXES = "frames.references.allowed.prefixes";
  public static final String REFERENCES_THREADS = "frames.references.threads";
  public static final String REFERENCES_TIMEOUT_MS = "frames.references.timeout.ms";
  public static final String REFERENCES_REQUEST_TIMEOUT_MS = "frames.references.request.timeout.ms";
  public static final String REFERENCES_CONNECT_TIMEOUT_MS = "frames.references.connect.timeout.ms";
  public static final String REFERENCES_S3_ENDPOINT = "frames.references.s3.endpoint";
  public static final String REFERENCES_S3_REGION = "frames.references.s3.region";
  public static final String REFERENCES_S3_PATH_STYLE = "frames.references.s3.path.style.access";
  public static final String REFERENCES_S3_ACCESS_KEY = "frames.references.s3.access.key";
  public static final String REFERENCES_S3_SECRET_KEY = "frames.references.s3.secret.key";

  public static final String MODEL_FILE = "model.file";
  public static final String MODEL_RELOAD = "model.reload";
  public static final String MODEL_INPUT_SIZE = "model.input.size";
  public static final String DEVICE = "inference.device";
  public static final String PRECISION = "inference.precision";
  public static final String KERNEL_SEARCH = "inference.kernel.search";
  public static final String INFERENCE_THREADS = "inference.threads";
  public static final String BATCH_MAX_SIZE = "batch.max.size";
  public static final String BATCH_QUEUE_DELAY_MS = "batch.queue.delay.ms";

  public static final String MASK_CODEC = "mask.codec";
  public static final String MASK_CONFIDENCE = "mask.confidence";
  public static final String MASK_CONFIDENCE_LEVELS = "mask.confidence.levels";
  public static final String REGIONS_MAX_PER_FRAME = "regions.max.per.frame";
  public static final String REGIONS_MAX_POINTS_PER_POLYGON = "regions.max.points.per.polygon";
  public static final String REGIONS_MAX_POINTS_PER_FRAME = "regions.max.points.per.frame";
  public static final String REGIONS_MIN_AREA_FRACTION = "regions.min.area.fraction";
  public static final String REGIONS_TOLERANCE_PIXELS = "regions.tolerance.pixels";
  public static final String REGIONS_IGNORED_CLASSES = "regions.ignored.classes";

  public static final String EVENT_SERDE = "event.serde";

  private static final String SERVICE = "Service";
  private static final String TOPICS = "Topics";
  private static final String FRAMES = "Frames";
  private static final String REFERENCES = "Claim checks";
  private static final String NETWORK = "Network";
  private static final String RESULTS = "Masks and regions";
  private static final String REGISTRY = "Schema registry";

  /** Kafka's two guarantees, by the names Streams gives them. */
  public enum ProcessingGuarantee {
    EXACTLY_ONCE_V2,
    AT_LEAST_ONCE;

    /** As written in the configuration. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How much the events say about confidence. */
  public enum Confidence {
    /** Nothing; the network skips its softmax. */
    NONE,
    /** One mean per class and region. */
    MEAN,
    /** The means, and a map beside the mask. */
    MAP
  }

  /** What a frame that is shed leaves behind. */
  public enum ShedAccounting {
    /** A dead letter with the reason STALE. */
    DEAD_LETTER,
    /** A count, and a line in the log. */
    COUNTER
  }

  /** What has the model file reloaded while the service runs. */
  public enum ModelReloadTrigger {
    /** Nothing: the next start reads it. */
    NONE,
    /** The signal HUP. */
    SIGNAL,
    /** A change of the file, or the signal HUP. */
    WATCH
  }

  /** Pixels down and across. */
  public record InputSize(int height, int width) {

    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,4})x([1-9][0-9]{0,4})");

    /** Parses HxW. */
    public static InputSize parse(String text) {
      var matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "'" + text + "' is not a size like 256x448 (height x width)");
      }
      return new InputSize(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }
  }

  private static final long MAX_AGE_MS = TimeUnit.DAYS.toMillis(365);

  static final ConfigDef DEFINITION = define();

  private final AbstractConfig values;
  private final Map<String, String> streams;

  private ServiceConfig(AbstractConfig values, Map<String, String> streams) {
    this.values = values;
    this.streams = Map.copyOf(streams);
  }

  /**
   * Checks and takes settings.
   *
   * @throws ConfigException in one sentence that names the key, if a key is unknown, reserved or
   *     missing, or a value is impossible
   */
  public static ServiceConfig of(Map<String, String> settings) {
    Map<String, String> own = new HashMap<>();
    Map<String, String> streams = new TreeMap<>();
    settings.forEach(
        (key, value) -> {
          if (key.startsWith(STREAMS_PREFIX)) {
            streams.put(key.substring(STREAMS_PREFIX.length()), value);
          } else {
            own.put(key, value);
          }
        });
    for (String key : own.keySet()) {
      if (!DEFINITION.names().contains(key)) {
        throw new ConfigException(
            "Unknown key '" + key + "'; did you mean '" + NearestKey.to(key, knownKeys()) + "'?");
      }
    }
    ServiceConfig config = new ServiceConfig(new AbstractConfig(DEFINITION, own, false), streams);
    config.check();
    return config;
  }

  /**
   * Merges the places settings come from, later ones first: command line, environment, file.
   *
   * @param file a file of {@code key=value} lines, or null
   * @param environment the process's environment; {@code ATROUS_BOOTSTRAP_SERVERS} sets {@code
   *     bootstrap.servers}
   * @param commandLine settings given by hand
   */
  public static Map<String, String> merge(
      @Nullable Path file, Map<String, String> environment, Map<String, String> commandLine) {
    Map<String, String> merged = new HashMap<>();
    if (file != null) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw new ConfigException("Cannot read the configuration file " + file + ": " + reason(e));
      }
      properties
          .stringPropertyNames()
          .forEach(k -> merged.put(k, properties.getProperty(k).strip()));
    }
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(ENVIRONMENT_PREFIX) && !LAUNCHER_VARIABLES.contains(name)) {
            String key = name.substring(ENVIRONMENT_PREFIX.length());
            merged.put(key.toLowerCase(Locale.ROOT).replace('_', '.'), value);
          }
        });
    merged.putAll(commandLine);
    return merged;
  }

  /** Read by {@code bin/atrous}, not by the service. */
  private static final Set<String> LAUNCHER_VARIABLES =
      Set.of("ATROUS_JAVA_OPTS", "ATROUS_MAVEN_ARGS");

  private static String reason(Exception e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no such file"
        : String.valueOf(e.getMessage());
  }

  public String applicationId() {
    return values.getString(APPLICATION_ID);
  }

  public String bootstrapServers() {
    return String.join(",", values.getList(BOOTSTRAP_SERVERS));
  }

  public ProcessingGuarantee guarantee() {
    return choice(ProcessingGuarantee.class, PROCESSING_GUARANTEE);
  }

  public int streamThreads() {
    return values.getInt(STREAM_THREADS);
  }

  public int commitIntervalMillis() {
    return values.getInt(COMMIT_INTERVAL_MS);
  }

  public int windowFrames() {
    return values.getInt(WINDOW_FRAMES);
  }

  public int drainTimeoutMillis() {
    return values.getInt(DRAIN_TIMEOUT_MS);
  }

  public int shutdownTimeoutMillis() {
    return values.getInt(SHUTDOWN_TIMEOUT_MS);
  }

  /** The input topics by name; empty if a pattern names them. */
  public List<String> framesTopics() {
    return values.getList(FRAMES_TOPICS);
  }

  public Optional<Pattern> framesTopicsPattern() {
    return Optional.ofNullable(values.getString(FRAMES_TOPICS_PATTERN)).map(Pattern::compile);
  }

  /** Where frames are read from. */
  FrameTopics frameTopics() {
    return framesTopicsPattern()
        .map(FrameTopics::matching)
        .orElseGet(() -> FrameTopics.named(framesTopics()));
  }

  public String masksTopic() {
    return values.getString(MASKS_TOPIC);
  }

  public String regionsTopic() {
    return values.getString(REGIONS_TOPIC);
  }

  public String deadLettersTopic() {
    return values.getString(DEAD_LETTERS_TOPIC);
  }

  public int deadLettersMaxValueBytes() {
    return values.getInt(DEAD_LETTERS_MAX_VALUE_BYTES);
  }

  public int framesMaxBytes() {
    return values.getInt(FRAMES_MAX_BYTES);
  }

  public int framesMaxPixels() {
    return values.getInt(FRAMES_MAX_PIXELS);
  }

  public int framesMaxIdBytes() {
    return values.getInt(FRAMES_MAX_ID_BYTES);
  }

  public int framesMaxAttributes() {
    return values.getInt(FRAMES_MAX_ATTRIBUTES);
  }

  public int framesMaxAttributesBytes() {
    return values.getInt(FRAMES_MAX_ATTRIBUTES_BYTES);
  }

  /** How old a frame may be when the network takes it; 0 if it doesn't matter. */
  public long framesMaxAgeMillis() {
    return values.getLong(FRAMES_MAX_AGE_MS);
  }

  public long framesMaxSkewMillis() {
    return values.getLong(FRAMES_MAX_SKEW_MS);
  }

  public boolean framesLatestOnly() {
    return values.getBoolean(FRAMES_LATEST_ONLY);
  }

  public CameraWeights cameraWeights() {
    return checked(CAMERA_WEIGHTS, () -> CameraWeights.parse(values.getList(CAMERA_WEIGHTS)));
  }

  public ShedAccounting framesShedAccounting() {
    return choice(ShedAccounting.class, FRAMES_SHED_ACCOUNTING);
  }

  public int workerThreads() {
    return coresUnlessSet(WORKER_THREADS);
  }

  /** From where payloads may be fetched, and how. */
  public PayloadSettings references() {
    List<AllowedPrefix> allowed =
        values.getList(REFERENCES_ALLOWED_PREFIXES).stream()
            .map(prefix -> checked(REFERENCES_ALLOWED_PREFIXES, () -> AllowedPrefix.parse(prefix)))
            .toList();
    S3Settings s3 = s3();
    return checked(
        REFERENCES_CONNECT_TIMEOUT_MS
            + "', '"
            + REFERENCES_REQUEST_TIMEOUT_MS
            + "' and '"
            + REFERENCES_TIMEOUT_MS,
        () ->
            new PayloadSettings(
                allowed,
                framesMaxBytes(),
                values.getInt(REFERENCES_THREADS),
                Duration.ofMillis(values.getInt(REFERENCES_TIMEOUT_MS)),
                Duration.ofMillis(values.getInt(REFERENCES_REQUEST_TIMEOUT_MS)),
                Duration.ofMillis(values.getInt(REFERENCES_CONNECT_TIMEOUT_MS)),
                s3));
  }

  private S3Settings s3() {
    String endpoint = values.getString(REFERENCES_S3_ENDPOINT);
    Password secret = values.getPassword(REFERENCES_S3_SECRET_KEY);
    return checked(
        REFERENCES_S3_ACCESS_KEY + "' and '" + REFERENCES_S3_SECRET_KEY,
        () ->
            new S3Settings(
                endpoint == null
                    ? null
                    : checked(REFERENCES_S3_ENDPOINT, () -> S3Settings.parseEndpoint(endpoint)),
                values.getString(REFERENCES_S3_REGION),
                values.getBoolean(REFERENCES_S3_PATH_STYLE),
                values.getString(REFERENCES_S3_ACCESS_KEY),
                secret == null ? null : secret.value()));
  }

  /** A path, or {@link Model#SHIPPED}. */
  public String modelFile() {
    return values.getString(MODEL_FILE);
  }

  /** What has the model file reloaded. */
  public ModelReloadTrigger modelReload() {
    return choice(ModelReloadTrigger.class, MODEL_RELOAD);
  }

  /** What to run the network at instead of the model's own input size. */
  public Optional<InputSize> modelInputSize() {
    return Optional.ofNullable(values.getString(MODEL_INPUT_SIZE)).map(InputSize::parse);
  }

  public String device() {
    return values.getString(DEVICE);
  }

  /** What the network's body computes in. */
  public PrecisionChoice precision() {
    return choice(PrecisionChoice.class, PRECISION);
  }

  /** Whether a kernel is searched for each convolution on CUDA at start. */
  public boolean kernelSearch() {
    return values.getBoolean(KERNEL_SEARCH);
  }

  public int inferenceThreads() {
    return coresUnlessSet(INFERENCE_THREADS);
  }

  public int batchMaxSize() {
    return values.getInt(BATCH_MAX_SIZE);
  }

  public int batchQueueDelayMillis() {
    return values.getInt(BATCH_QUEUE_DELAY_MS);
  }

  public MaskFormat maskCodec() {
    return choice(MaskFormat.class, MASK_CODEC);
  }

  public Confidence maskConfidence() {
    return choice(Confidence.class, MASK_CONFIDENCE);
  }

  public int maskConfidenceLevels() {
    return values.getInt(MASK_CONFIDENCE_LEVELS);
  }

  public int regionsMaxPerFrame() {
    return values.getInt(REGIONS_MAX_PER_FRAME);
  }

  public int regionsMaxPointsPerPolygon() {
    return values.getInt(REGIONS_MAX_POINTS_PER_POLYGON);
  }

  public int regionsMaxPointsPerFrame() {
    return values.getInt(REGIONS_MAX_POINTS_PER_FRAME);
  }

  public double regionsMinAreaFraction() {
    return values.getDouble(REGIONS_MIN_AREA_FRACTION);
  }

  public double regionsTolerancePixels() {
    return values.getDouble(REGIONS_TOLERANCE_PIXELS);
  }

  /** Names of classes that get no regions. */
  public Set<String> regionsIgnoredClasses() {
    return new HashSet<>(values.getList(REGIONS_IGNORED_CLASSES));
  }

  /** The settings of Kafka's clients, without their prefix. */
  public Map<String, String> streamsSettings() {
    return streams;
  }

  /** The schema registry's settings, under Confluent's names, as far as they are set. */
  public Map<String, Object> schemaRegistrySettings() {
    Map<String, Object> settings = new HashMap<>();
    for (String key : SchemaRegistryConfig.definition().names()) {
      Object value = values.originals().get(key);
      if (value != null) {
        settings.put(key, value);
      }
    }
    return settings;
  }

  /** The serdes of all events; the caller's to close. */
  EventSerdes eventSerdes() {
    return EventSerdes.of(EVENT_SERDE, values.getString(EVENT_SERDE), schemaRegistrySettings());
  }

  /** Names the key whose value was refused. */
  static <T> T checked(String key, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new ConfigException("'" + key + "': " + e.getMessage());
    }
  }

  /** One of a key's words, which are constants' names in lower case. */
  private <E extends Enum<E>> E choice(Class<E> type, String key) {
    return Enum.valueOf(type, values.getString(key).toUpperCase(Locale.ROOT));
  }

  private int coresUnlessSet(String key) {
    int value = values.getInt(key);
    return value == 0 ? Runtime.getRuntime().availableProcessors() : value;
  }

  private void check() {
    cameraWeights();
    boolean named = !framesTopics().isEmpty();
    boolean pattern = values.getString(FRAMES_TOPICS_PATTERN) != null;
    if (named == pattern) {
      throw new ConfigException(
          "Set exactly one of '" + FRAMES_TOPICS + "' and '" + FRAMES_TOPICS_PATTERN + "'");
    }
    if (pattern && "streams".equalsIgnoreCase(streams.get("group.protocol"))) {
      throw new ConfigException(
          "'"
              + FRAMES_TOPICS_PATTERN
              + "' does not work with '"
              + STREAMS_PREFIX
              + "group.protocol=streams': list the topics in '"
              + FRAMES_TOPICS
              + "'");
    }
    List<String> outputs = List.of(masksTopic(), regionsTopic(), deadLettersTopic());
    if (new HashSet<>(outputs).size() != outputs.size()) {
      throw new ConfigException(
          "'"
              + MASKS_TOPIC
              + "', '"
              + REGIONS_TOPIC
              + "' and '"
              + DEAD_LETTERS_TOPIC
              + "' must be three topics");
    }
    for (String output : outputs) {
      if (framesTopics().contains(output)
          || framesTopicsPattern().filter(p -> p.matcher(output).matches()).isPresent()) {
        throw new ConfigException(
            "Topic '" + output + "' is both input and output; the service would feed itself");
      }
    }
    if (regionsMaxPointsPerFrame() < regionsMaxPointsPerPolygon()) {
      throw new ConfigException(
          "'"
              + REGIONS_MAX_POINTS_PER_FRAME
              + "' can't be less than '"
              + REGIONS_MAX_POINTS_PER_POLYGON
              + "': the largest region must always fit");
    }
    ReservedKeys.check(streams);
    Deadlines.check(this);
    StreamsProperties.check(this);
  }

  private static Set<String> knownKeys() {
    return DEFINITION.names();
  }

  private static ConfigDef define() {
    ConfigDef def = new ConfigDef();
    Section service = new Section(def, SERVICE);
    service.required(
        APPLICATION_ID,
        ConfigDef.Type.STRING,
        "The consumer group, and the prefix of transactional ids. All instances that share the"
            + " work share this id.");
    service.required(
        BOOTSTRAP_SERVERS,
        ConfigDef.Type.LIST,
        "Brokers to find the cluster by: host:port, host:port.");
    service.optional(
        PROCESSING_GUARANTEE,
        ConfigDef.Type.STRING,
        ProcessingGuarantee.EXACTLY_ONCE_V2.key(),
        ValidString.in(
            ProcessingGuarantee.EXACTLY_ONCE_V2.key(), ProcessingGuarantee.AT_LEAST_ONCE.key()),
        "Exactly once: each frame's outcome is visible once to read_committed consumers. At least"
            + " once: outcomes appear sooner, and after a failure some appear twice with the same"
            + " outcomeId.");
    service.optional(
        STREAM_THREADS,
        ConfigDef.Type.INT,
        2,
        Range.between(1, 256),
        "Stream threads. A commit stalls only its own thread, so use at least two.");
    service.optional(
        COMMIT_INTERVAL_MS,
        ConfigDef.Type.INT,
        100,
        Range.between(1, 60_000),
        "How often progress is committed. Under exactly-once, consumers see results up to this"
            + " much later; each commit waits for the frames in flight.");
    service.optional(
        WINDOW_FRAMES,
        ConfigDef.Type.INT,
        16,
        Range.between(1, 4096),
        "How many frames of one partition may be in flight; when it is full the partition waits."
            + " At least the batch size keeps the device busy with few partitions; on GPUs, all"
            + " partitions together should hold a batch for each lane and one that forms.");
    service.optional(
        DRAIN_TIMEOUT_MS,
        ConfigDef.Type.INT,
        5_000,
        Range.between(100, 600_000),
        "How long one commit may wait for the frames in flight before the device counts as hung"
            + " and the process halts without committing them, with exit code 4.");
    service.optional(
        SHUTDOWN_TIMEOUT_MS,
        ConfigDef.Type.INT,
        12_000,
        Range.between(100, 3_600_000),
        "How long a stop may take; three quarters of it are for the frames in flight, and those not"
            + " answered by then are answered after the restart.");

    Section topics = new Section(def, TOPICS);
    topics.optional(
        FRAMES_TOPICS, ConfigDef.Type.LIST, List.of(), null, "Topics to read frame events from.");
    topics.optional(
        FRAMES_TOPICS_PATTERN,
        ConfigDef.Type.STRING,
        null,
        new RegularExpression(),
        "Topics to read frame events from, as a regular expression; instead of "
            + FRAMES_TOPICS
            + ". Not with the streams group protocol.");
    topics.optional(MASKS_TOPIC, ConfigDef.Type.STRING, "masks", null, "Topic of mask events.");
    topics.optional(
        REGIONS_TOPIC, ConfigDef.Type.STRING, "regions", null, "Topic of region events.");
    topics.optional(
        DEAD_LETTERS_TOPIC,
        ConfigDef.Type.STRING,
        "dead-letters",
        null,
        "Topic of dead letter events.");
    topics.optional(
        DEAD_LETTERS_MAX_VALUE_BYTES,
        ConfigDef.Type.INT,
        524_288,
        Range.between(0, 64 << 20),
        "A dead letter carries the source record's value, for a replay, up to this size.");

    Section frames = new Section(def, FRAMES);
    frames.optional(
        FRAMES_MAX_BYTES,
        ConfigDef.Type.INT,
        16 << 20,
        Range.between(1, 1 << 30),
        "The largest payload that is decoded; a larger one becomes a dead letter.");
    frames.optional(
        FRAMES_MAX_PIXELS,
        ConfigDef.Type.INT,
        33_177_600,
        Range.between(1, 134_217_728),
        "The most pixels a frame may have; checked in the header, before decoding. The default"
            + " is 8K.");
    frames.optional(
        FRAMES_MAX_ID_BYTES,
        ConfigDef.Type.INT,
        512,
        Range.between(1, 65_536),
        "How long a record's key, a frame id and a camera id may each be, in UTF-8; every event of"
            + " the frame repeats them. A frame with more becomes a dead letter.");
    frames.optional(
        FRAMES_MAX_ATTRIBUTES,
        ConfigDef.Type.INT,
        64,
        Range.between(0, 65_536),
        "How many attributes a frame may have; a frame with more becomes a dead letter.");
    frames.optional(
        FRAMES_MAX_ATTRIBUTES_BYTES,
        ConfigDef.Type.INT,
        16 << 10,
        Range.between(0, 64 << 20),
        "How long the names and values of a frame's attributes may be together, in UTF-8; a frame"
            + " with more becomes a dead letter.");
    frames.optional(
        FRAMES_MAX_AGE_MS,
        ConfigDef.Type.LONG,
        0L,
        Range.between(0L, MAX_AGE_MS),
        "Frames older than this are shed, when they come and again before the network takes them;"
            + " 0 answers frames of any age. The age is this machine's time less the record's"
            + " timestamp: the producer's time with CreateTime, the broker's with LogAppendTime.");
    frames.optional(
        FRAMES_MAX_SKEW_MS,
        ConfigDef.Type.LONG,
        5_000L,
        Range.between(0L, MAX_AGE_MS),
        "How far a record's timestamp may lie in the future before its frame is counted as skewed."
            + " Such a frame is answered: its age is 0.");
    frames.optional(
        FRAMES_LATEST_ONLY,
        ConfigDef.Type.BOOLEAN,
        false,
        null,
        "Keep cameras near real time under overload: while two frames of a camera are on their way,"
            + " only its newest waits behind them, and those before it are shed. A camera is its"
            + " records' key.");
    frames.optional(
        CAMERA_WEIGHTS,
        ConfigDef.Type.LIST,
        List.of(),
        null,
        "Cameras share the device in turns. A camera with a weight, such as gate-7=4, gets that many"
            + " frames answered where another gets one, while both have some waiting: 1 to 100."
            + " A camera is its records' key.");
    frames.optional(
        FRAMES_SHED_ACCOUNTING,
        ConfigDef.Type.STRING,
        "dead_letter",
        ValidString.in("dead_letter", "counter"),
        "What a shed frame leaves behind: a dead letter with the reason STALE and without the"
            + " frame's value, or only a count, which the log sums up each minute.");
    frames.optional(
        WORKER_THREADS,
        ConfigDef.Type.INT,
        0,
        Range.between(0, 1024),
        "Threads that decode, resize and encode beside the device; 0 means one per core.");

    Section references = new Section(def, REFERENCES);
    references.optional(
        REFERENCES_ALLOWED_PREFIXES,
        ConfigDef.Type.LIST,
        List.of(),
        null,
        "Where references to payloads may point: prefixes such as file:///frames,"
            + " https://store.example/frames or s3://bucket/frames. Anything else is a dead letter;"
            + " so is every reference if this is empty. See docs/claim-checks.md.");
    references.optional(
        REFERENCES_THREADS,
        ConfigDef.Type.INT,
        16,
        Range.between(1, 1024),
        "How many payloads of one prefix are fetched at once.");
    references.optional(
        REFERENCES_TIMEOUT_MS,
        ConfigDef.Type.INT,
        2_000,
        Range.between(1, 300_000),
        "How long a payload may take with all tries and waits before its frame becomes a dead"
            + " letter; at most half of "
            + DRAIN_TIMEOUT_MS
            + ".");
    references.optional(
        REFERENCES_REQUEST_TIMEOUT_MS,
        ConfigDef.Type.INT,
        1_000,
        Range.between(1, 300_000),
        "How long one try may take. Time-outs, broken connections and statuses 408, 429 and 5xx"
            + " are tried again while there is time.");
    references.optional(
        REFERENCES_CONNECT_TIMEOUT_MS,
        ConfigDef.Type.INT,
        500,
        Range.between(1, 300_000),
        "How long connecting may take.");
    references.optional(
        REFERENCES_S3_ENDPOINT,
        ConfigDef.Type.STRING,
        null,
        null,
        "The URL of an S3-compatible server; AWS itself if not set here or in the AWS SDK's"
            + " environment.");
    references.optional(
        REFERENCES_S3_REGION,
        ConfigDef.Type.STRING,
        null,
        null,
        "The buckets' region; as the AWS SDK finds it if not set.");
    references.optional(
        REFERENCES_S3_PATH_STYLE,
        ConfigDef.Type.BOOLEAN,
        false,
        null,
        "Ask for endpoint/bucket/key instead of bucket.endpoint/key, as most servers but AWS"
            + " need it.");
    references.optional(
        REFERENCES_S3_ACCESS_KEY,
        ConfigDef.Type.STRING,
        null,
        null,
        "The access key's id; without it, credentials come from where the AWS SDK looks.");
    references.optional(
        REFERENCES_S3_SECRET_KEY, ConfigDef.Type.PASSWORD, null, null, "The access key's secret.");

    Section network = new Section(def, NETWORK);
    network.required(
        MODEL_FILE,
        ConfigDef.Type.STRING,
        "The model: a safetensors file made by `atrous model`, or "
            + Model.SHIPPED
            + " for the small street model in the jar, which knows synthetic scenes only.");
    network.optional(
        MODEL_RELOAD,
        ConfigDef.Type.STRING,
        "signal",
        ValidString.in("none", "signal", "watch"),
        "What has the model file reloaded while the service runs: none (only the next start reads"
            + " it), signal (SIGHUP), or watch (SIGHUP, or a change of the file, which is looked at"
            + " every 5 s). A file that is damaged or has other classes is refused, and the old"
            + " model goes on.");
    network.optional(
        MODEL_INPUT_SIZE,
        ConfigDef.Type.STRING,
        null,
        new Size(),
        "Run the network at this height x width instead of the model's own.");
    network.optional(
        DEVICE,
        ConfigDef.Type.STRING,
        "auto",
        null,
        "Where the network runs: auto (all GPUs that CUDA_VISIBLE_DEVICES leaves, else the CPU), cpu,"
            + " cuda (all GPUs, at least one), or cuda:N. Two lanes serve each GPU.");
    network.optional(
        PRECISION,
        ConfigDef.Type.STRING,
        PrecisionChoice.AUTO.key(),
        ValidString.in(
            Arrays.stream(PrecisionChoice.values())
                .map(PrecisionChoice::key)
                .toArray(String[]::new)),
        "What the network computes in. auto times fp32 against bf16 (on a GPU fp16) at start and"
            + " takes fewer bits only if they are at least 1.2 times as fast.");
    network.optional(
        KERNEL_SEARCH,
        ConfigDef.Type.BOOLEAN,
        false,
        null,
        "Whether the start tries cuDNN's kernels for each convolution on a GPU, which may take three"
            + " minutes. Not yet measured on a GPU.");
    network.optional(
        INFERENCE_THREADS,
        ConfigDef.Type.INT,
        0,
        Range.between(0, 1024),
        "Threads of the network on a CPU; 0 means one per core.");
    network.optional(
        BATCH_MAX_SIZE,
        ConfigDef.Type.INT,
        8,
        Range.between(1, 256),
        "The most frames the network takes at once, from any partitions.");
    network.optional(
        BATCH_QUEUE_DELAY_MS,
        ConfigDef.Type.INT,
        20,
        Range.between(0, 10_000),
        "How long the oldest frame may wait for its batch to fill.");

    Section results = new Section(def, RESULTS);
    results.optional(
        MASK_CODEC,
        ConfigDef.Type.STRING,
        "chain_code",
        ValidString.in("chain_code", "run_length", "png"),
        "How masks and confidence maps are encoded: chain_code is the smallest, run_length the"
            + " fastest (docs/mask-format.md), png for readers that know nothing else.");
    results.optional(
        MASK_CONFIDENCE,
        ConfigDef.Type.STRING,
        "mean",
        ValidString.in("none", "mean", "map"),
        "none skips the softmax; mean gives one number per class and region; map adds a map of"
            + " the mask's size.");
    results.optional(
        MASK_CONFIDENCE_LEVELS,
        ConfigDef.Type.INT,
        16,
        Range.between(ConfidenceLevels.FEWEST, ConfidenceLevels.ALL),
        "How many different confidences a map may hold: each is rounded to the nearest. A map of"
            + " 256 is exact and takes several times as much as one of 16, which is off by 3 % at"
            + " most.");
    results.optional(
        REGIONS_MAX_PER_FRAME,
        ConfigDef.Type.INT,
        256,
        Range.between(0, 65_535),
        "The most regions of a frame; the largest are kept and the mask event says so.");
    results.optional(
        REGIONS_MAX_POINTS_PER_POLYGON,
        ConfigDef.Type.INT,
        1_024,
        Range.between(RegionOptions.MIN_POINTS, 65_535),
        "The most points of a region's outline and holes. A ring with more is simplified further"
            + " than "
            + REGIONS_TOLERANCE_PIXELS
            + " says, and the smallest holes are left out; the polygon says so.");
    results.optional(
        REGIONS_MAX_POINTS_PER_FRAME,
        ConfigDef.Type.INT,
        32_768,
        Range.between(RegionOptions.MIN_POINTS, 1 << 24),
        "The most points of all polygons of a frame; the largest regions are kept and the mask"
            + " event says so. At least "
            + REGIONS_MAX_POINTS_PER_POLYGON
            + ".");
    results.optional(
        REGIONS_MIN_AREA_FRACTION,
        ConfigDef.Type.DOUBLE,
        0.0002,
        Range.between(0.0, 1.0),
        "Regions smaller than this fraction of the frame are left out.");
    results.optional(
        REGIONS_TOLERANCE_PIXELS,
        ConfigDef.Type.DOUBLE,
        1.0,
        Range.between(0.0, 1_000.0),
        "How far a simplified outline may be from the exact one, in mask pixels.");
    results.optional(
        REGIONS_IGNORED_CLASSES,
        ConfigDef.Type.LIST,
        List.of(),
        null,
        "Names of classes that get no regions, such as a background.");

    Section registry = new Section(def, REGISTRY);
    registry.optional(
        EVENT_SERDE,
        ConfigDef.Type.STRING,
        EventSerdes.OWN,
        null,
        "The class that reads and writes all events: the default, or another Kafka Serde in"
            + " Confluent's wire format such as"
            + " io.confluent.kafka.streams.serdes.avro.SpecificAvroSerde, configured with the keys"
            + " below. Confluent's own client doesn't know "
            + SchemaRegistryConfig.REQUEST_DEADLINE_MS
            + "; its time-outs and retries are chosen to fit unless they are set.");
    SchemaRegistryConfig.definition()
        .configKeys()
        .values()
        .forEach(
            key ->
                registry.add(
                    key.name,
                    key.type,
                    key.defaultValue,
                    key.validator,
                    key.importance,
                    key.documentation));
    return def;
  }

  /** Adds keys to a definition under one heading. */
  private record Section(ConfigDef definition, String group) {

    void required(String key, ConfigDef.Type type, String documentation) {
      add(key, type, ConfigDef.NO_DEFAULT_VALUE, null, Importance.HIGH, documentation);
    }

    void optional(
        String key,
        ConfigDef.Type type,
        @Nullable Object defaultValue,
        ConfigDef.@Nullable Validator validator,
        String documentation) {
      add(key, type, defaultValue, validator, Importance.MEDIUM, documentation);
    }

    @SuppressWarnings("NullAway") // Kafka's ConfigDef takes null for "no default", "no validator".
    private void add(
        String key,
        ConfigDef.Type type,
        @Nullable Object defaultValue,
        ConfigDef.@Nullable Validator validator,
        Importance importance,
        String documentation) {
      definition.define(
          key,
          type,
          defaultValue,
          validator,
          importance,
          documentation,
          group,
          definition.names().size(),
          ConfigDef.Width.NONE,
          key);
    }
  }

  private static final class RegularExpression implements ConfigDef.Validator {
    @Override
    public void ensureValid(String name, @Nullable Object value) {
      if (value instanceof String text) {
        try {
          Pattern.compile(text);
        } catch (PatternSyntaxException e) {
          throw new ConfigException(name, text, "not a regular expression: " + e.getDescription());
        }
      }
    }

    @Override
    public String toString() {
      return "a regular expression";
    }
  }

  private static final class Size implements ConfigDef.Validator {
    @Override
    public void ensureValid(String name, @Nullable Object value) {
      if (value instanceof String text) {
        try {
          InputSize.parse(text);
        } catch (IllegalArgumentException e) {
          throw new ConfigException(name, text, e.getMessage());
        }
      }
    }

    @Override
    public String toString() {
      return "HxW";
    }
  }
}
