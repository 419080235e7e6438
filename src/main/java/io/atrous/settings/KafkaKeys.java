package io.atrous.settings;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.streams.GroupProtocol;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The keys of the service as a Kafka Streams application. Settings of Kafka's own pass through
 * behind {@value #STREAMS_PREFIX} ({@link PassThrough}).
 */
public final class KafkaKeys {

  public static final String STREAMS_PREFIX = "streams.";

  public static final String APPLICATION_ID = "application.id";
  public static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  public static final String PROCESSING_GUARANTEE = "processing.guarantee";
  public static final String STREAM_THREADS = "stream.threads";
  public static final String COMMIT_INTERVAL_MS = "commit.interval.ms";
  public static final String WINDOW_FRAMES = "window.frames";
  public static final String DRAIN_TIMEOUT_MS = "drain.timeout.ms";
  public static final String SHUTDOWN_TIMEOUT_MS = "shutdown.timeout.ms";

  private KafkaKeys() {}

  static void define(ConfigDef definition) {
    KeyGroup service =
        new KeyGroup(definition, "Service")
            .required(
                APPLICATION_ID,
                ConfigDef.Type.STRING,
                "The consumer group, and the prefix of transactional ids. All instances that share"
                    + " the work share this id, and no other consumer may use it.");
    defineBrokers(service)
        .choice(
            PROCESSING_GUARANTEE,
            ProcessingGuarantee.EXACTLY_ONCE_V2,
            "Exactly once: each frame's outcome is visible once to read_committed consumers. At"
                + " least once: outcomes appear sooner, and after a failure some appear twice with"
                + " the same outcomeId.")
        .integer(
            STREAM_THREADS,
            2,
            1,
            256,
            "Stream threads. A commit stalls only its own thread, so use at least two.")
        .integer(
            COMMIT_INTERVAL_MS,
            100,
            1,
            60_000,
            "How often progress is committed. Under exactly-once, consumers see results up to this"
                + " much later; each commit waits for the frames in flight.")
        .integer(
            WINDOW_FRAMES,
            16,
            1,
            4096,
            "How many frames of one partition may be in flight; when it is full the partition waits."
                + " At least the batch size keeps the device busy with few partitions; on GPUs, all"
                + " partitions together should hold a batch for each lane and one that forms.")
        .integer(
            DRAIN_TIMEOUT_MS,
            5_000,
            100,
            600_000,
            "How long one commit may wait for the frames in flight before the device counts as hung"
                + " and the process halts without committing them, with exit code 4.")
        .integer(
            SHUTDOWN_TIMEOUT_MS,
            12_000,
            100,
            3_600_000,
            "How long a stop may take; three quarters of it are for the frames in flight, and those"
                + " not answered by then are answered after the restart.");
  }

  /** Defines the one key that everything needs which speaks to the cluster. */
  static KeyGroup defineBrokers(KeyGroup group) {
    return group.required(
        BOOTSTRAP_SERVERS,
        ConfigDef.Type.LIST,
        "Brokers to find the cluster by: host:port, host:port.");
  }

  public static String bootstrapServers(AbstractConfig config) {
    return String.join(",", config.getList(BOOTSTRAP_SERVERS));
  }

  public static ProcessingGuarantee guarantee(AbstractConfig config) {
    return Values.choice(config, ProcessingGuarantee.class, PROCESSING_GUARANTEE);
  }

  public static Duration shutdownTimeout(AbstractConfig config) {
    return Values.millis(config, SHUTDOWN_TIMEOUT_MS);
  }

  /** What the user calls this instance's clients, if anything. */
  public static Optional<String> clientId(AbstractConfig config) {
    return Optional.ofNullable(passedThrough(config).get(CommonClientConfigs.CLIENT_ID_CONFIG))
        .map(Object::toString)
        .filter(id -> !id.isBlank());
  }

  /** Whether the brokers assign partitions by the protocol of Streams' own. */
  public static boolean usesStreamsProtocol(AbstractConfig config) {
    return GroupProtocol.STREAMS
        .name()
        .equalsIgnoreCase(
            String.valueOf(passedThrough(config).get(StreamsConfig.GROUP_PROTOCOL_CONFIG)));
  }

  /** What is set behind {@value #STREAMS_PREFIX}, without it. */
  static Map<String, Object> passedThrough(AbstractConfig config) {
    return config.originalsWithPrefix(STREAMS_PREFIX);
  }
}
