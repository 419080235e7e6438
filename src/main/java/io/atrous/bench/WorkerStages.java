package io.atrous.bench;

import io.atrous.event.AvroEventSerde;
import io.atrous.event.EventSerdes;
import io.atrous.event.FrameEvent;
import io.atrous.event.ModelReference;
import io.atrous.event.SchemaRegistryClient;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.event.Topics;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FittedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.FrameResizer;
import io.atrous.frame.PayloadEncoding;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.FrameFit;
import io.atrous.inference.Segmentation;
import io.atrous.mask.Mask;
import io.atrous.mask.MaskCodec;
import io.atrous.mask.RegionExtractor;
import io.atrous.mask.RegionOptions;
import io.atrous.model.ModelSpec;
import io.atrous.settings.ResultKeys;
import io.atrous.settings.ServiceConfig;
import io.atrous.stream.DecodedFrame;
import io.atrous.stream.EventOutputs;
import io.atrous.stream.OutcomeEncoder;
import io.atrous.stream.OutcomeHeaders;
import io.atrous.stream.OutputTopics;
import io.atrous.stream.ResultSettings;
import io.atrous.stream.SourceRecord;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The work on a frame, stage by stage, in milliseconds of processor time: the same code, on one
 * thread, without the rest of a service.
 *
 * @param millis by stage, in the order of the work
 */
record WorkerStages(Map<String, Double> millis) {

  private static final int WARM_FRAMES = 250;
  private static final int FRAMES = 60;
  private static final int TIMES = 5;

  /** Measures on the calling thread. */
  static WorkerStages measure(
      BenchWorld world,
      ModelSpec model,
      RecordedMasks recorded,
      ServiceConfig config,
      Clock clock,
      LongSupplier threadNanos) {
    try (SchemaRegistryClient registry =
        new SchemaRegistryClient(new SchemaRegistryConfig(world.registrySettings()))) {
      return new Measurement(world, model, recorded, config, registry, clock, threadNanos).stages();
    }
  }

  /** One measurement and its material. */
  private static final class Measurement {

    private final Footage footage;
    private final RecordedMasks recorded;
    private final LongSupplier threadNanos;
    private final AvroEventSerde<FrameEvent> serde;
    private final List<byte[]> records = new ArrayList<>();
    private final List<FrameEvent> events = new ArrayList<>();
    private final FrameDecoder decoder;
    private final FrameFit fit;
    private final FrameResizer resizer;
    private final ByteBuffer slot;
    private final FrameGeometry geometry;
    private final RegionExtractor extractor;
    private final MaskCodec codec;
    private final OutcomeEncoder encoder;

    Measurement(
        BenchWorld world,
        ModelSpec model,
        RecordedMasks recorded,
        ServiceConfig config,
        SchemaRegistryClient registry,
        Clock clock,
        LongSupplier threadNanos) {
      this.footage = world.footage();
      this.recorded = recorded;
      this.threadNanos = threadNanos;
      this.serde = new AvroEventSerde<>(FrameEvent.class, registry);
      serde.configure(world.registrySettings(), false);
      for (int i = 0; i < footage.jpegs().size(); i++) {
        events.add(world.frame(i));
        records.add(serde.serializer().serialize(Topics.FRAMES, events.get(i)));
      }
      this.decoder =
          new FrameDecoder(new DecodeLimits(Integer.MAX_VALUE, footage.width() * footage.height()));
      EngineProfile engine = new EngineProfile("", "", recorded.height(), recorded.width(), 1);
      this.fit = new FrameFit(model, engine);
      this.slot = ByteBuffer.allocateDirect(fit.slotBytes());
      this.resizer = new FrameResizer(model.normalization().meanRgb());
      this.geometry = decode(0).geometry();
      RegionOptions regions = ResultKeys.regions(config, model.classes());
      this.codec = ResultKeys.maskFormat(config).codec();
      this.extractor = new RegionExtractor(regions);
      this.encoder =
          new OutcomeEncoder(
              EventOutputs.prepare(
                  Topics.MASKS,
                  Topics.REGIONS,
                  Topics.DEAD_LETTERS,
                  EventSerdes.own(world.registrySettings(), registry),
                  new OutputTopics(clock)),
              model,
              new ResultSettings(
                  new ModelReference(model.name(), model.version(), "", ""),
                  ResultKeys.maskFormat(config),
                  null,
                  regions,
                  OutcomeHeaders.TRACE_ONLY,
                  Integer.MAX_VALUE,
                  0),
              clock,
              threadNanos);
    }

    WorkerStages stages() {
      Map<String, Double> millis = new LinkedHashMap<>();
      millis.put(
          "Avro in", millis(i -> serde.deserializer().deserialize(Topics.FRAMES, of(records, i))));
      millis.put("decode", millis(this::decode));
      RgbImage picture = decode(0).picture();
      millis.put("resize", millis(i -> resizer.resize(picture, geometry, slot)));
      double regions =
          millis(
              i -> extractor.extract(labels(i), confidence(i), footage.width(), footage.height()));
      millis.put("regions", regions);
      double mask = millis(i -> codec.encode(labels(i)));
      millis.put("mask codec", mask);
      millis.put("events and Avro out", Math.max(0, millis(this::encode) - regions - mask));
      return new WorkerStages(millis);
    }

    private FittedFrame decode(int frame) {
      try {
        return decoder.decode(
            new EncodedFrame(
                PayloadEncoding.JPEG, null, null, ByteBuffer.wrap(footage.jpeg(frame))),
            fit::geometry);
      } catch (FrameRejectedException e) {
        throw new IllegalStateException("a picture of our own is no JPEG", e);
      }
    }

    private void encode(int frame) {
      FrameEvent event = of(events, frame);
      encoder.results(
          new SourceRecord(
              Topics.FRAMES, 0, frame, 0, new byte[0], null, new RecordHeaders(), "bench"),
          new DecodedFrame(event, geometry, 0),
          new Segmentation(of(recorded.masks(), frame), frame, 1, 0, 0),
          0);
    }

    private Mask labels(int frame) {
      return FrameFit.content(of(recorded.masks(), frame).labels(), geometry);
    }

    private Mask confidence(int frame) {
      byte[] values = of(recorded.masks(), frame).confidence();
      return FrameFit.content(values == null ? new byte[0] : values, geometry);
    }

    private static <T> T of(List<T> list, int index) {
      return list.get(index % list.size());
    }

    /** Returns the time of the fastest of some runs, since other work only makes them slower. */
    private double millis(IntConsumer stage) {
      for (int i = 0; i < WARM_FRAMES; i++) {
        stage.accept(i);
      }
      long leastNanos = Long.MAX_VALUE;
      for (int time = 0; time < TIMES; time++) {
        long startNanos = threadNanos.getAsLong();
        for (int i = 0; i < FRAMES; i++) {
          stage.accept(i);
        }
        leastNanos = Math.min(leastNanos, threadNanos.getAsLong() - startNanos);
      }
      return leastNanos / 1e6 / FRAMES;
    }
  }
}
