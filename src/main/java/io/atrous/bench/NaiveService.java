package io.atrous.bench;

import io.atrous.event.AvroEventSerde;
import io.atrous.event.EventSerdes;
import io.atrous.event.FrameEvent;
import io.atrous.event.ModelReference;
import io.atrous.event.SchemaRegistryClient;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.frame.FrameGeometry;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.Segmentation;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.Model;
import io.atrous.model.ModelSpec;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ResultKeys;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import io.atrous.settings.TopicKeys;
import io.atrous.stream.DecodedFrame;
import io.atrous.stream.EventOutputs;
import io.atrous.stream.Outcome;
import io.atrous.stream.Outcome.Emission;
import io.atrous.stream.OutcomeEncoder;
import io.atrous.stream.OutcomeHeaders;
import io.atrous.stream.OutputTopics;
import io.atrous.stream.ResultSettings;
import io.atrous.stream.SourceRecord;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A simple service to compare with: plain Kafka Streams, a frame at a time from decoding to events
 * in {@code process}, pictures by the JDK. Its codec, regions and events are the service's.
 */
final class NaiveService implements AutoCloseable {

  private static final int MAX_RECORD_BYTES = 1 << 20;

  private final KafkaStreams streams;
  private final SchemaRegistryClient registry;

  private NaiveService(KafkaStreams streams, SchemaRegistryClient registry) {
    this.streams = streams;
    this.registry = registry;
  }

  /** Starts it on engines, one for each task, and returns when it has partitions. */
  static NaiveService start(
      Map<String, String> settings, ServiceConfig config, EngineBackend engines, Duration timeout)
      throws InterruptedException {
    Model model = Model.named(config.getString(NetworkKeys.MODEL_FILE));
    SchemaRegistryClient registry = new SchemaRegistryClient(new SchemaRegistryConfig(settings));
    AvroEventSerde<FrameEvent> frames = new AvroEventSerde<>(FrameEvent.class, registry);
    frames.configure(settings, false);
    EventOutputs outputs =
        EventOutputs.prepare(
            config.getString(TopicKeys.MASKS_TOPIC),
            config.getString(TopicKeys.REGIONS_TOPIC),
            config.getString(TopicKeys.DEAD_LETTERS_TOPIC),
            EventSerdes.own(settings, registry),
            new OutputTopics(Clock.systemUTC()));
    ResultSettings results =
        new ResultSettings(
            new ModelReference(model.spec().name(), model.spec().version(), model.sha256(), "none"),
            ResultKeys.maskFormat(config),
            null,
            ResultKeys.regions(config, model.spec().classes()),
            OutcomeHeaders.TRACE_ONLY,
            MAX_RECORD_BYTES,
            0);
    EngineSettings engine =
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            PrecisionChoice.AUTO,
            model.spec().inputHeight(),
            model.spec().inputWidth(),
            1,
            true,
            1,
            Path.of(System.getProperty("java.io.tmpdir")));
    Topology topology = new Topology();
    topology.addSource(
        "frames",
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        config.getList(TopicKeys.FRAMES_TOPICS).toArray(String[]::new));
    topology.addProcessor(
        "segmentation",
        () ->
            new FrameProcessor(
                frames.deserializer(),
                engines.start(model, engine),
                model.spec(),
                new OutcomeEncoder(
                    outputs, model.spec(), results, Clock.systemUTC(), System::nanoTime)),
        "frames");
    for (Outcome.Channel channel : Outcome.Channel.values()) {
      topology.addSink(
          channel.name(),
          switch (channel) {
            case MASKS -> config.getString(TopicKeys.MASKS_TOPIC);
            case REGIONS -> config.getString(TopicKeys.REGIONS_TOPIC);
            case DEAD_LETTERS -> config.getString(TopicKeys.DEAD_LETTERS_TOPIC);
          },
          new ByteArraySerializer(),
          new ByteArraySerializer(),
          "segmentation");
    }
    KafkaStreams streams = new KafkaStreams(topology, properties(config, settings));
    CountDownLatch running = new CountDownLatch(1);
    streams.setStateListener(
        (state, before) -> {
          if (state == KafkaStreams.State.RUNNING) {
            running.countDown();
          }
        });
    streams.start();
    if (!running.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      streams.close();
      throw new StartException("The naive service got no partitions in time");
    }
    return new NaiveService(streams, registry);
  }

  private static Properties properties(ServiceConfig config, Map<String, String> settings) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, config.getString(KafkaKeys.APPLICATION_ID));
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, KafkaKeys.bootstrapServers(config));
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, KafkaKeys.guarantee(config).key());
    properties.put(
        StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.getInt(KafkaKeys.STREAM_THREADS));
    properties.put(
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.getInt(KafkaKeys.COMMIT_INTERVAL_MS));
    String state = settings.get(KafkaKeys.STREAMS_PREFIX + StreamsConfig.STATE_DIR_CONFIG);
    if (state != null) {
      properties.put(StreamsConfig.STATE_DIR_CONFIG, state);
    }
    return properties;
  }

  @Override
  public void close() {
    streams.close();
    registry.close();
  }

  /** Turns a record into its events before it takes the next. */
  private static final class FrameProcessor implements Processor<byte[], byte[], byte[], byte[]> {

    private final Deserializer<FrameEvent> frames;
    private final SegmentationEngine engine;
    private final ModelSpec model;
    private final OutcomeEncoder encoder;
    private final ByteBuffer slot;
    private @Nullable ProcessorContext<byte[], byte[]> context;

    FrameProcessor(
        Deserializer<FrameEvent> frames,
        SegmentationEngine engine,
        ModelSpec model,
        OutcomeEncoder encoder) {
      this.frames = frames;
      this.engine = engine;
      this.model = model;
      this.encoder = encoder;
      this.slot =
          ByteBuffer.allocateDirect(
              engine.profile().inputHeight() * engine.profile().inputWidth() * 3);
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      if (context == null) {
        throw new IllegalStateException("not initialised");
      }
      long startNanos = System.nanoTime();
      RecordMetadata metadata = context.recordMetadata().orElseThrow();
      FrameEvent event = frames.deserialize(metadata.topic(), record.value());
      BufferedImage image = read((ByteBuffer) event.getPayload());
      FrameGeometry geometry =
          new FrameGeometry(
              image.getWidth(),
              image.getHeight(),
              engine.profile().inputWidth(),
              engine.profile().inputHeight(),
              model.resizePolicy());
      var mask = engine.segment(List.of(pixels(image, geometry))).get(0);
      Outcome outcome =
          encoder.results(
              SourceRecord.of(metadata, record, "naive"),
              new DecodedFrame(event, geometry, 0),
              new Segmentation(
                  mask, (long) metadata.partition() << 32 | metadata.offset(), 1, 0, 0),
              startNanos);
      for (Emission emission : outcome.emissions()) {
        context.forward(
            new Record<>(outcome.key(), emission.value(), record.timestamp(), new RecordHeaders()),
            emission.channel().name());
      }
    }

    private static BufferedImage read(ByteBuffer payload) {
      byte[] bytes = new byte[payload.remaining()];
      payload.duplicate().get(bytes);
      try {
        return ImageIO.read(new ByteArrayInputStream(bytes));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private ByteBuffer pixels(BufferedImage image, FrameGeometry geometry) {
      int width = geometry.inputWidth();
      int height = geometry.inputHeight();
      BufferedImage input = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = input.createGraphics();
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.drawImage(image, 0, 0, geometry.contentWidth(), geometry.contentHeight(), null);
      graphics.dispose();
      slot.clear();
      for (int rgb : input.getRGB(0, 0, width, height, null, 0, width)) {
        slot.put((byte) (rgb >> 16)).put((byte) (rgb >> 8)).put((byte) rgb);
      }
      return slot;
    }
  }
}
