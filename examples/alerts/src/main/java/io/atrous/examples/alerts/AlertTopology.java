package io.atrous.examples.alerts;

import io.atrous.event.EventSerdes;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import io.atrous.mask.MaskFormatException;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Masks and regions in, alerts out.
 *
 * <pre>
 * masks   ─▶ how much of each zone is covered ─┐
 *                                              ├─▶ by camera ─▶ {@link CameraState} ─▶ alerts
 * regions ─▶ which zones they touch ───────────┘
 * </pre>
 */
final class AlertTopology {

  private static final Logger LOG = LoggerFactory.getLogger(AlertTopology.class);

  /** The store of what is remembered of cameras: small, and kept in a topic of Streams' own. */
  static final String CAMERAS = "cameras";

  private AlertTopology() {}

  /**
   * Builds it.
   *
   * @param topics names of the topics of masks, of regions and of alerts
   * @param serdes stay the caller's
   */
  static Topology build(AlertTopics topics, Zones zones, EventSerdes serdes) {
    Serde<byte[]> bytes = Serdes.ByteArray();
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Frame> masks =
        builder.stream(topics.masks(), Consumed.with(bytes, serdes.serde(MaskEvent.class)))
            .filter((key, mask) -> mask != null && !zones.of(mask.getCameraId()).isEmpty())
            .flatMap((key, mask) -> parts(mask, zones));
    KStream<String, Frame> regions =
        builder.stream(topics.regions(), Consumed.with(bytes, serdes.serde(RegionEvent.class)))
            .filter((key, region) -> region != null && !zones.of(region.getCameraId()).isEmpty())
            .map((key, region) -> KeyValue.pair(region.getCameraId(), Frame.of(region, zones)));
    masks
        .merge(regions)
        .repartition(
            Repartitioned.<String, Frame>as("frames-by-camera")
                .withKeySerde(Serdes.String())
                .withValueSerde(new JsonSerde<>(Frame.class)))
        .processValues(judge(zones))
        .to(topics.alerts(), Produced.with(Serdes.String(), serdes.serde(AlertEvent.class)));
    return builder.build();
  }

  /** A mask that can't be read is no answer, as if its frame had become a dead letter. */
  private static List<KeyValue<String, Frame>> parts(MaskEvent mask, Zones zones) {
    try {
      return List.of(KeyValue.pair(mask.getCameraId(), Frame.of(mask, zones)));
    } catch (MaskFormatException e) {
      LOG.warn("The mask of {} can't be read: {}", mask.getOutcomeId(), e.getMessage());
      return List.of();
    }
  }

  private static FixedKeyProcessorSupplier<String, Frame, AlertEvent> judge(Zones zones) {
    return new FixedKeyProcessorSupplier<>() {
      @Override
      public Set<StoreBuilder<?>> stores() {
        return Set.of(
            Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(CAMERAS),
                Serdes.String(),
                new JsonSerde<>(CameraState.class)));
      }

      @Override
      public FixedKeyProcessor<String, Frame, AlertEvent> get() {
        return new Judge(zones);
      }
    };
  }

  /** Judges the frames of the cameras of one task. */
  private static final class Judge extends ContextualFixedKeyProcessor<String, Frame, AlertEvent> {

    private final Zones zones;

    Judge(Zones zones) {
      this.zones = zones;
    }

    @Override
    public void process(FixedKeyRecord<String, Frame> record) {
      FixedKeyProcessorContext<String, AlertEvent> context = context();
      KeyValueStore<String, CameraState> cameras = context.getStateStore(CAMERAS);
      CameraState known = cameras.get(record.key());
      CameraState camera = known == null ? new CameraState() : known;
      for (AlertEvent event : camera.take(record.value(), zones.of(record.key()))) {
        context.forward(record.withValue(event));
      }
      cameras.put(record.key(), camera);
    }
  }
}
