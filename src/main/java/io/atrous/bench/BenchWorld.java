package io.atrous.bench;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.FrameSender;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.MaskEvent;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.event.Topics;
import io.atrous.model.Model;
import io.atrous.process.TemporaryDirectory;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ProcessingGuarantee;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.TopicKeys;
import io.atrous.settings.WebKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A broker and a registry, topics, and cameras that send one footage.
 *
 * <p><b>Threading:</b> confined to one thread. Owns what it starts, and its directory.
 */
final class BenchWorld implements AutoCloseable {

  static final int PARTITIONS = 8;

  /** Frames that wait when a service starts. */
  static final String BACKLOG = Topics.FRAMES;

  private static final String STATE_DIRECTORY = KafkaKeys.STREAMS_PREFIX + "state.dir";

  private final Path directory;
  private final Footage footage;
  private final Clock clock;
  private final EmbeddedKafka kafka;
  private final LoopbackSchemaRegistry registry;
  private final AvroEventSerde<FrameEvent> frames = new AvroEventSerde<>(FrameEvent.class);
  private final AvroEventSerde<MaskEvent> masks = new AvroEventSerde<>(MaskEvent.class);
  private final FrameSender sender;
  private int backlog;
  private int applications;
  private int liveTopics;

  private BenchWorld(
      Path directory,
      Footage footage,
      Clock clock,
      EmbeddedKafka kafka,
      LoopbackSchemaRegistry registry) {
    this.directory = directory;
    this.footage = footage;
    this.clock = clock;
    this.kafka = kafka;
    this.registry = registry;
    configured(frames);
    configured(masks);
    this.sender = new FrameSender(kafka.producer(), frames.serializer());
  }

  static BenchWorld start(Footage footage, Clock clock) throws IOException {
    Path directory = Files.createTempDirectory("atrous-bench-");
    // A backlog is read again and again: nothing of it may be deleted meanwhile.
    EmbeddedKafka kafka = EmbeddedKafka.start(1, Map.of("log.retention.bytes", "-1"));
    BenchWorld world =
        new BenchWorld(directory, footage, clock, kafka, LoopbackSchemaRegistry.start());
    for (String topic : List.of(BACKLOG, Topics.MASKS, Topics.REGIONS, Topics.DEAD_LETTERS)) {
      kafka.createTopic(topic, PARTITIONS);
    }
    return world;
  }

  private void configured(AvroEventSerde<?> serde) {
    serde.configure(registrySettings(), false);
  }

  /** Returns the settings of clients of the registry. */
  Map<String, String> registrySettings() {
    return Map.of(SchemaRegistryConfig.URL, registry.url().toString());
  }

  Footage footage() {
    return footage;
  }

  /** Returns the number of frames in {@link #BACKLOG}. */
  int backlog() {
    return backlog;
  }

  /** Returns the directory for files of the bench. */
  Path directory() {
    return directory;
  }

  /** Fills {@link #BACKLOG} up to a number of frames. */
  void fill(int count) {
    for (; backlog < count; backlog++) {
      send(BACKLOG, backlog);
    }
    sender.flush();
    checkSends();
  }

  /** A topic without frames. */
  String newLiveTopic() {
    String topic = "live-" + liveTopics++;
    kafka.createTopic(topic, PARTITIONS);
    return topic;
  }

  /**
   * Sends the footage's next frame, by the next camera.
   *
   * @return its id
   */
  String send(String topic, long number) {
    FrameEvent event = frame(number);
    sender.send(topic, (int) (number % PARTITIONS), event);
    return event.getFrameId();
  }

  /** The event of a frame that is taken now. */
  FrameEvent frame(long number) {
    return new FrameEvent(
        "frame-" + number,
        "camera-" + number % PARTITIONS,
        number / PARTITIONS,
        Instant.now(clock),
        FrameEncoding.JPEG,
        null,
        null,
        ByteBuffer.wrap(footage.jpeg(number)),
        Map.of(),
        null,
        null);
  }

  /**
   * Makes sure that what was sent has arrived.
   *
   * @throws BenchFailedException if it has not
   */
  void checkSends() {
    sender
        .failure()
        .ifPresent(
            failed -> {
              throw new BenchFailedException("The cameras can't send: " + failed.getMessage());
            });
  }

  /** Settings of a service that has never read from a topic. */
  Map<String, String> settings(
      String topic, String model, ProcessingGuarantee guarantee, Map<String, String> more) {
    Map<String, String> settings = new TreeMap<>(registrySettings());
    settings.put(KafkaKeys.APPLICATION_ID, "atrous-bench-" + applications++);
    settings.put(WebKeys.LISTEN, WebKeys.NONE);
    settings.put(KafkaKeys.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    settings.put(TopicKeys.FRAMES_TOPICS, topic);
    settings.put(NetworkKeys.MODEL_FILE, model);
    settings.put(KafkaKeys.PROCESSING_GUARANTEE, guarantee.key());
    settings.put(STATE_DIRECTORY, directory.resolve("state").toString());
    settings.putAll(more);
    return settings;
  }

  /**
   * Checks settings for {@link #settings} before there is a world.
   *
   * @throws IllegalArgumentException if they are set here
   * @throws org.apache.kafka.common.config.ConfigException if the service would refuse them
   */
  static void check(Map<String, String> more) {
    Map<String, String> settings = new TreeMap<>();
    settings.put(SchemaRegistryConfig.URL, "http://localhost");
    settings.put(KafkaKeys.APPLICATION_ID, "atrous-bench");
    settings.put(KafkaKeys.BOOTSTRAP_SERVERS, "localhost:1");
    settings.put(TopicKeys.FRAMES_TOPICS, BACKLOG);
    settings.put(NetworkKeys.MODEL_FILE, Model.SHIPPED);
    settings.put(KafkaKeys.PROCESSING_GUARANTEE, ProcessingGuarantee.AT_LEAST_ONCE.key());
    settings.put(STATE_DIRECTORY, "state");
    for (String key : more.keySet()) {
      if (settings.containsKey(key)) {
        throw new IllegalArgumentException("--set: " + key + " is the bench's to set");
      }
    }
    settings.putAll(more);
    ServiceConfig.of(settings);
  }

  /** A reader of what services put out from now on. */
  OutcomeAudit reader(ProcessingGuarantee guarantee) {
    boolean exactlyOnce = guarantee == ProcessingGuarantee.EXACTLY_ONCE_V2;
    return new OutcomeAudit(
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka.bootstrapServers(),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "none",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                exactlyOnce ? "read_committed" : "read_uncommitted"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer()),
        masks.deserializer());
  }

  /** Processor time that the broker has used. */
  long brokerNanos() {
    return kafka.processorTime(0).toNanos();
  }

  @Override
  public void close() throws IOException {
    sender.close();
    frames.close();
    masks.close();
    registry.close();
    kafka.close();
    TemporaryDirectory.delete(directory);
  }
}
