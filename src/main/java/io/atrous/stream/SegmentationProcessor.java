package io.atrous.stream;

import io.atrous.stream.Outcome.Emission;
import io.atrous.tracing.FrameTrace;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One task's way through the service: submits each frame to the analyzer as it comes, and forwards
 * the outcomes in offset order, as late as the next commit.
 *
 * <p>Outcomes are forwarded when a record comes in, by a punctuator that runs only while frames are
 * in flight (one that always ran would make idle tasks commit for ever), and by the {@link
 * CommitBarrier}. A full window makes {@link #process} wait for its oldest frame, and so does a
 * full {@link PaceLimit} for any frame: that is the service's back-pressure. A frame that the
 * thread waits for is expedited: all tasks of the thread wait with it.
 *
 * <p>Streams initialises this object again when it revives the task after a failure. Each time
 * starts a new generation: a new window and a new attempt id. What the old window still holds was
 * never committed and will be read again.
 *
 * <p><b>Threading:</b> confined to the task's stream thread.
 */
final class SegmentationProcessor implements Processor<byte[], byte[], byte[], byte[]> {

  /** No more often than the thread looks: poll.ms decides how soon an outcome is noticed. */
  private static final Duration COLLECT_INTERVAL = Duration.ofMillis(1);

  /** A submitted frame: where it came from, as Streams and as people know it; not its value. */
  private record Frame(
      RecordMetadata metadata,
      long timestampMillis,
      String outcomeId,
      CameraId camera,
      long arrivedNanos,
      FrameTrace trace) {

    void setLogFields() {
      LogFields.set(outcomeId, camera, null, trace);
    }

    @Override
    public String toString() {
      return outcomeId;
    }
  }

  private final FrameAnalyzer analyzer;
  private final int windowFrames;
  private final PaceLimit pace;
  private final FrameMetrics metrics;
  private final OutputTopics topics;
  private final Supplier<String> attemptIds;
  private final Supplier<DrainBudget> budgetOfThisThread;

  private @Nullable Generation generation;

  /**
   * @param pace bounds what all tasks have submitted
   * @param metrics the meters of frames
   * @param topics says what the output topics take
   * @param attemptIds gives an id that no other generation of any task has
   * @param budgetOfThisThread gives the calling stream thread's budget
   */
  SegmentationProcessor(
      FrameAnalyzer analyzer,
      int windowFrames,
      PaceLimit pace,
      FrameMetrics metrics,
      OutputTopics topics,
      Supplier<String> attemptIds,
      Supplier<DrainBudget> budgetOfThisThread) {
    this.analyzer = analyzer;
    this.windowFrames = windowFrames;
    this.pace = pace;
    this.metrics = metrics;
    this.topics = topics;
    this.attemptIds = attemptIds;
    this.budgetOfThisThread = budgetOfThisThread;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    close();
    Generation next = new Generation(context);
    generation = next;
    next.barrier.guard(context, next::drain);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (generation == null) {
      throw new IllegalStateException("The processor is not initialised");
    }
    generation.process(record);
  }

  @Override
  public void close() {
    if (generation != null) {
      generation.end();
    }
  }

  /** What must not outlive one initialisation of the task. */
  private final class Generation {

    private final ProcessorContext<byte[], byte[]> context;
    private final CommitBarrier barrier;
    private final DrainBudget budget = budgetOfThisThread.get();
    private final String attemptId = attemptIds.get();
    private final InFlightWindow<Frame> window =
        new InFlightWindow<>(windowFrames, Frame::setLogFields, this::emit, analyzer::expedite);
    private final Set<TopicPartition> partitions = new HashSet<>();
    private @Nullable Cancellable collecting;

    Generation(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      this.barrier = context.getStateStore(CommitBarrier.NAME);
    }

    void process(Record<byte[], byte[]> record) {
      budget.renew();
      window.awaitRoom(budget);
      awaitPace();
      RecordMetadata metadata = context.recordMetadata().orElseThrow();
      long arrivedNanos = metrics.now();
      FrameTrace trace = metrics.begun(metadata, record.headers(), arrivedNanos);
      SourceRecord source = SourceRecord.of(metadata, record, attemptId, trace);
      Frame frame =
          new Frame(
              metadata,
              source.timestampMillis(),
              source.outcomeId(),
              source.camera(),
              arrivedNanos,
              trace);
      frame.setLogFields();
      CompletableFuture<Outcome> outcome = analyzer.analyze(source);
      pace.count(outcome);
      window.add(frame, outcome);
      partitions.add(metrics.progress().taken(metadata, frame.timestampMillis));
      window.emitCompleted(budget);
      collectWhileInFlight();
      LogFields.clear();
    }

    /** Waits while the frames of all tasks are as many as a commit may wait for. */
    private void awaitPace() {
      for (CompletableFuture<Void> room = pace.room(); !room.isDone(); room = pace.room()) {
        budget.await(room, "before " + context.recordMetadata().orElseThrow());
        budget.renew();
      }
    }

    private void collect(long timestampMillis) {
      budget.renew();
      window.emitCompleted(budget);
      collectWhileInFlight();
      LogFields.clear();
    }

    void drain() {
      long startNanos = metrics.now();
      window.drain(budget);
      metrics.commitWaitedSince(startNanos);
      collectWhileInFlight();
      LogFields.clear();
    }

    void end() {
      window.abandon();
      partitions.forEach(metrics.progress()::forget);
      stopCollecting();
    }

    private void collectWhileInFlight() {
      if (window.isEmpty()) {
        stopCollecting();
      } else if (collecting == null) {
        collecting =
            context.schedule(COLLECT_INTERVAL, PunctuationType.WALL_CLOCK_TIME, this::collect);
      }
    }

    private void stopCollecting() {
      if (collecting != null) {
        collecting.cancel();
        collecting = null;
      }
    }

    private void emit(Frame frame, Outcome outcome) {
      for (Emission emission : outcome.emissions()) {
        Outcome.Channel channel = emission.channel();
        Record<byte[], byte[]> record =
            new Record<>(
                outcome.key(),
                emission.value(),
                topics.timestampMillis(channel, frame.outcomeId, frame.timestampMillis),
                new RecordHeaders(outcome.headers()));
        new OutgoingRecord(frame.outcomeId, channel)
            .forward(
                () ->
                    barrier.forward(frame.metadata, record, SegmentationTopology.sinkOf(channel)));
      }
      metrics.progress().answered(frame.metadata);
      metrics.written(outcome, frame.arrivedNanos, frame.trace);
    }
  }
}
