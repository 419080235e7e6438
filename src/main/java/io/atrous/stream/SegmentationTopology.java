package io.atrous.stream;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The Kafka Streams topology: frames in; masks, regions and dead letters out.
 *
 * <p>Source and sinks carry bytes. A serde that fails inside them meets Streams' exception
 * handlers, to which a bad record and an unreachable registry look alike; the {@link FrameAnalyzer}
 * can tell them apart.
 */
public final class SegmentationTopology {

  private static final String SOURCE = "frames";
  private static final String PROCESSOR = "segmentation";
  private static final @Nullable AutoOffsetReset AS_CONFIGURED = null;

  private SegmentationTopology() {}

  /**
   * What the topology is made of.
   *
   * @param windowFrames how many frames of one task may be in flight
   * @param drainTimeout how long a commit may wait for the frames in flight; below the
   *     transaction's and the poll's time-outs
   * @param fetchTimeout how much of that a frame may spend before its payload is here
   */
  public record Settings(
      FrameTopics frames,
      String masksTopic,
      String regionsTopic,
      String deadLettersTopic,
      int windowFrames,
      Duration drainTimeout,
      Duration fetchTimeout) {

    public Settings {
      for (String output : Set.of(masksTopic, regionsTopic, deadLettersTopic)) {
        if (frames.contains(output)) {
          throw new IllegalArgumentException(
              "The topic '" + output + "' can't be both read from and written to");
        }
      }
    }
  }

  /**
   * Builds the topology.
   *
   * @param analyzer shared by all tasks
   * @param topics shared by all tasks; says what the output topics take
   * @param latch shared by all tasks; tells when the engine has stopped answering
   * @param runId differs for every start of the service; begins every attempt id
   * @param metrics the meters of frames, with the clock of the drain timeout
   */
  public static Topology build(
      Settings settings,
      FrameAnalyzer analyzer,
      OutputTopics topics,
      EngineLatch latch,
      String runId,
      FrameMetrics metrics) {
    AtomicLong generations = new AtomicLong();
    ThreadLocal<DrainBudget> budgets =
        ThreadLocal.withInitial(
            () -> new DrainBudget(settings.drainTimeout(), latch, metrics::now));
    PaceLimit pace =
        new PaceLimit(settings.drainTimeout().minus(settings.fetchTimeout()), metrics::now);
    metrics.show(pace);
    Supplier<Processor<byte[], byte[], byte[], byte[]>> processor =
        () ->
            new SegmentationProcessor(
                analyzer,
                settings.windowFrames(),
                pace,
                metrics,
                topics,
                () -> runId + "-" + generations.getAndIncrement(),
                budgets::get);
    Topology topology = new Topology();
    addSource(topology, settings.frames());
    topology.addProcessor(PROCESSOR, guarded(processor), SOURCE);
    addSink(topology, Outcome.Channel.MASKS, settings.masksTopic());
    addSink(topology, Outcome.Channel.REGIONS, settings.regionsTopic());
    addSink(topology, Outcome.Channel.DEAD_LETTERS, settings.deadLettersTopic());
    return topology;
  }

  static String sinkOf(Outcome.Channel channel) {
    return channel.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void addSource(Topology topology, FrameTopics frames) {
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    FrameTimestampExtractor timestamps = new FrameTimestampExtractor();
    if (frames instanceof FrameTopics.Matching matching) {
      topology.addSource(AS_CONFIGURED, SOURCE, timestamps, bytes, bytes, matching.pattern());
    } else if (frames instanceof FrameTopics.Named named) {
      topology.addSource(
          AS_CONFIGURED, SOURCE, timestamps, bytes, bytes, named.names().toArray(String[]::new));
    }
  }

  private static void addSink(Topology topology, Outcome.Channel channel, String topic) {
    ByteArraySerializer bytes = new ByteArraySerializer();
    topology.addSink(sinkOf(channel), topic, bytes, bytes, PROCESSOR);
  }

  private static ProcessorSupplier<byte[], byte[], byte[], byte[]> guarded(
      Supplier<Processor<byte[], byte[], byte[], byte[]>> processor) {
    return new ProcessorSupplier<>() {
      @Override
      public Processor<byte[], byte[], byte[], byte[]> get() {
        return processor.get();
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return Set.of(CommitBarrier.builder());
      }
    };
  }
}
