package io.atrous.stream;

import io.atrous.stream.Outcome.Emission;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * What one writes first, and what loses frames: results are forwarded when they are there, in
 * order, and commits know nothing of those that aren't.
 */
final class NaiveBuffer extends ContextualProcessor<byte[], byte[], byte[], byte[]> {

  private record Entry(Record<byte[], byte[]> record, CompletableFuture<Outcome> outcome) {}

  private final FrameAnalyzer analyzer;
  private final Queue<Entry> entries = new ArrayDeque<>();

  private NaiveBuffer(FrameAnalyzer analyzer) {
    this.analyzer = analyzer;
  }

  static Topology topology(SegmentationTopology.Settings settings, FrameAnalyzer analyzer) {
    ByteArrayDeserializer in = new ByteArrayDeserializer();
    ByteArraySerializer out = new ByteArraySerializer();
    String[] frames = ((FrameTopics.Named) settings.frames()).names().toArray(String[]::new);
    return new Topology()
        .addSource("frames", in, in, frames)
        .addProcessor("naive", () -> new NaiveBuffer(analyzer), "frames")
        .addSink("masks", settings.masksTopic(), out, out, "naive")
        .addSink("regions", settings.regionsTopic(), out, out, "naive")
        .addSink("dead-letters", settings.deadLettersTopic(), out, out, "naive");
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    super.init(processorContext);
    processorContext.schedule(
        Duration.ofMillis(1), PunctuationType.WALL_CLOCK_TIME, now -> forward());
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    var metadata = context().recordMetadata().orElseThrow();
    SourceRecord source = SourceRecord.of(metadata, record, "naive");
    entries.add(new Entry(record, analyzer.analyze(source)));
  }

  private void forward() {
    while (!entries.isEmpty() && entries.element().outcome.isDone()) {
      Entry entry = entries.remove();
      for (Emission emission : entry.outcome.join().emissions()) {
        context()
            .forward(
                entry.record.withValue(emission.value()),
                SegmentationTopology.sinkOf(emission.channel()));
      }
    }
  }
}
