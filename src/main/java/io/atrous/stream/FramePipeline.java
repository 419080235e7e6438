package io.atrous.stream;

import io.atrous.batching.Arrival;
import io.atrous.batching.RequestExpiredException;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEvent;
import io.atrous.event.FrameReference;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.ImageRejectedException;
import io.atrous.inference.Segmentation;
import io.atrous.inference.Segmenter;
import io.atrous.model.ModelSpec;
import io.atrous.payload.PayloadReference;
import io.atrous.payload.PayloadResolver;
import io.atrous.stream.WorkerPool.Stage;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A frame's way from record to outcome: a worker decodes it into a slot, the segmenter batches it
 * with others, a worker encodes what comes out. While a payload that lies elsewhere is fetched, the
 * frame holds neither worker nor slot.
 *
 * <p><b>Threading:</b> thread-safe. Owns its workers and slots, not the segmenter and the resolver.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The outcome says how each stage ended.
public final class FramePipeline implements FrameAnalyzer, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FramePipeline.class);

  /** Beside one batch per lane: one that forms, and one to spare while frames are released. */
  private static final int SPARE_BATCHES = 2;

  private final Segmenter segmenter;
  private final SheddingPolicy policy;
  private final CameraWeights weights;
  private final ShedFrames shedFrames;
  private final FrameAge age;
  private final LatestFrames<Waiting> latest;
  private final SlotPool slots;
  private final WorkerPool<FrameWorker> workers;
  private final PayloadResolver payloads;
  private final LongSupplier nanoTime;

  /** A worker's tools, confined to its thread. */
  private record FrameWorker(FrameReader reader, OutcomeEncoder encoder) {}

  /** A frame that waits until fewer of its camera are on their way. */
  private record Waiting(SourceRecord record, Passage passage) {}

  /**
   * A frame whose record has been read.
   *
   * @param arrival when it arrived at the service, or when its payload was here
   * @param fetchNanos the time between the two; 0 if the event held the payload
   */
  private record ReadFrame(
      SourceRecord record, FrameEvent event, Arrival arrival, long fetchNanos) {

    ReadFrame fetchedAt(long nowNanos) {
      long fetchNanos = nowNanos - arrival.nanos();
      return new ReadFrame(record, event, arrival.delayed(fetchNanos), fetchNanos);
    }
  }

  /** A frame's outcome to be. It outlives the frame's bytes, so it doesn't hold them. */
  private static final class Passage extends CompletableFuture<Outcome> {

    final Arrival arrival;
    private final String outcomeId;
    private volatile @Nullable String frameId;
    private boolean urgent;
    private @Nullable Runnable expedite;

    Passage(String outcomeId, Arrival arrival) {
      this.outcomeId = outcomeId;
      this.arrival = arrival;
    }

    String camera() {
      return (String) arrival.flow();
    }

    void isCalled(String frameId) {
      this.frameId = frameId;
      setLogFields();
    }

    void setLogFields() {
      LogFields.set(outcomeId, camera(), frameId);
    }

    /**
     * Says which queue the frame waits in now.
     *
     * @param expedite has it go before others there; null if it is in none
     */
    synchronized void waitsIn(@Nullable Runnable expedite) {
      this.expedite = expedite;
      if (urgent && expedite != null) {
        expedite.run();
      }
    }

    synchronized void expedite() {
      urgent = true;
      if (expedite != null) {
        expedite.run();
      }
    }
  }

  /**
   * Starts the workers.
   *
   * @param segmenter answers the slots; stays the caller's
   * @param frames decodes frame events; thread-safe, stays the caller's
   * @param payloads fetches what events refer to; stays the caller's
   * @param limits what a frame may be
   * @param model how frames are resized and what classes are called
   * @param outputs encodes the events
   * @param results what they look like
   * @param policy which frames are shed
   * @param weights which cameras get more than a turn each
   * @param shedFrames counts them; stays the caller's
   * @param threads how many workers
   * @param clock the time of dead letters, and what frames' ages are counted to
   * @param nanoTime the clock of queue delays and timings
   */
  public FramePipeline(
      Segmenter segmenter,
      Deserializer<FrameEvent> frames,
      PayloadResolver payloads,
      FrameLimits limits,
      ModelSpec model,
      EventOutputs outputs,
      ResultSettings results,
      SheddingPolicy policy,
      CameraWeights weights,
      ShedFrames shedFrames,
      int threads,
      Clock clock,
      LongSupplier nanoTime) {
    EngineProfile engine = segmenter.profile();
    this.segmenter = segmenter;
    this.payloads = payloads;
    this.policy = policy;
    this.weights = weights;
    this.shedFrames = shedFrames;
    this.age = new FrameAge(policy, clock, shedFrames);
    this.latest =
        new LatestFrames<>(
            this::startLatest,
            waiting -> shed(waiting.record, null, ShedCause.SUPERSEDED, waiting.passage));
    this.nanoTime = nanoTime;
    this.slots =
        new SlotPool(
            slotCount(engine.maxBatchSize(), segmenter.lanes(), threads),
            engine.inputHeight() * engine.inputWidth() * RgbImage.CHANNELS);
    this.workers =
        new WorkerPool<>(
            "frame-worker",
            threads,
            () ->
                new FrameWorker(
                    new FrameReader(frames, limits, model, engine),
                    new OutcomeEncoder(outputs, model, results, clock, nanoTime)));
  }

  /** How many frames a pipeline submits to its segmenter at most. */
  public static int slotCount(int maxBatchSize, int lanes, int threads) {
    return (lanes + SPARE_BATCHES) * maxBatchSize + threads;
  }

  /** Returns when every worker and the network have been at work once, before frames come. */
  public void warm() {
    WarmUp warmUp = new WarmUp();
    CompletableFuture<?>[] warmed = new CompletableFuture<?>[workers.threadCount()];
    for (int i = 0; i < warmed.length; i++) {
      warmed[i] = warm(warmUp);
    }
    CompletableFuture.allOf(warmed).join();
  }

  private CompletableFuture<Void> warm(WarmUp warmUp) {
    CompletableFuture<Void> warmed = new CompletableFuture<>();
    slots
        .acquire(now())
        .thenAccept(
            slot ->
                workers.execute(
                    Stage.BEGIN,
                    worker -> {
                      try {
                        warmUp.run(
                            worker.reader(),
                            worker.encoder(),
                            slot,
                            picture -> segmenter.segment(picture, now()).join());
                        warmed.complete(null);
                      } catch (RuntimeException | Error failure) {
                        warmed.completeExceptionally(failure);
                      } finally {
                        slots.release(slot);
                      }
                    }));
    return warmed;
  }

  private Arrival now() {
    return Arrival.at(nanoTime.getAsLong());
  }

  /** The direct memory that decoded frames take at most. */
  public long slotMemoryBytes() {
    return slots.capacityBytes();
  }

  @Override
  public CompletableFuture<Outcome> analyze(SourceRecord record) {
    long lifetimeNanos = age.lifetimeNanos(record);
    String camera = record.camera();
    Passage passage =
        new Passage(
            record.outcomeId(),
            new Arrival(
                camera, weights.of(camera), nanoTime.getAsLong(), Math.max(0, lifetimeNanos)));
    if (lifetimeNanos < 0) {
      shed(record, null, ShedCause.TOO_OLD_ON_ARRIVAL, passage);
    } else if (policy.latestOnly()) {
      latest.offer(camera, new Waiting(record, passage));
    } else {
      start(record, passage);
    }
    return passage;
  }

  @Override
  public void expedite(CompletableFuture<Outcome> outcome) {
    if (outcome instanceof Passage passage) {
      passage.expedite();
    }
  }

  @Override
  public void close() {
    workers.close();
  }

  private void startLatest(Waiting waiting) {
    waiting.passage.whenComplete((outcome, failure) -> latest.finished(waiting.passage.camera()));
    start(waiting.record, waiting.passage);
  }

  private void start(SourceRecord record, Passage passage) {
    CompletableFuture<ByteBuffer> slot = slots.acquire(passage.arrival);
    passage.waitsIn(() -> slots.expedite(slot));
    withSlot(slot, passage, (worker, memory) -> begin(worker, record, memory, passage));
  }

  private void withSlot(
      CompletableFuture<ByteBuffer> slot,
      Passage passage,
      BiConsumer<FrameWorker, ByteBuffer> work) {
    slot.thenAccept(
        memory -> {
          if (!run(Stage.BEGIN, passage, worker -> work.accept(worker, memory))) {
            slots.release(memory);
          }
        });
    cancelWith(passage, slot);
  }

  /** Whether a frame needs no more work; if it is too old by now, it is shed. */
  private boolean isOver(
      SourceRecord record, @Nullable FrameEvent event, Arrival arrival, Passage passage) {
    if (!passage.isDone() && arrival.isExpired(nanoTime.getAsLong())) {
      shed(record, event, ShedCause.TOO_OLD_WHILE_WAITING, passage);
      return true;
    }
    return passage.isDone();
  }

  private void begin(FrameWorker worker, SourceRecord record, ByteBuffer slot, Passage outcome) {
    if (isOver(record, null, outcome.arrival, outcome)) {
      slots.release(slot);
      return;
    }
    FrameEvent event;
    try {
      event = worker.reader().event(record);
    } catch (RejectedFrameException rejection) {
      slots.release(slot);
      answer(outcome, () -> reject(worker.encoder(), record, rejection));
      return;
    } catch (RuntimeException | Error failure) {
      slots.release(slot);
      outcome.completeExceptionally(failure);
      return;
    }
    outcome.isCalled(event.getFrameId());
    ReadFrame frame = new ReadFrame(record, event, outcome.arrival, 0);
    if (event.getPayload() instanceof FrameReference reference) {
      slots.release(slot);
      fetch(frame, reference, outcome);
    } else {
      segment(worker, frame, (ByteBuffer) event.getPayload(), slot, outcome);
    }
  }

  private void fetch(ReadFrame frame, FrameReference reference, Passage outcome) {
    outcome.waitsIn(null);
    CompletableFuture<ByteBuffer> fetched;
    try {
      fetched =
          payloads.resolve(
              new PayloadReference(
                  reference.getUri(), reference.getSizeBytes(), reference.getSha256()));
    } catch (RuntimeException | Error failure) {
      outcome.completeExceptionally(failure);
      return;
    }
    fetched.whenComplete(
        (payload, failure) -> {
          if (failure instanceof FrameRejectedException refused) {
            RejectedFrameException rejection = new RejectedFrameException(frame.event(), refused);
            finish(outcome, encoder -> reject(encoder, frame.record(), rejection));
          } else if (failure != null) {
            outcome.completeExceptionally(failure);
          } else {
            resume(frame.fetchedAt(nanoTime.getAsLong()), payload, outcome);
          }
        });
    cancelWith(outcome, fetched);
  }

  /** The frame has waited in line once, before its payload was known to lie elsewhere. */
  private void resume(ReadFrame frame, ByteBuffer payload, Passage outcome) {
    withSlot(
        slots.acquireFirst(frame.arrival()),
        outcome,
        (worker, slot) -> segment(worker, frame, payload, slot, outcome));
  }

  private void segment(
      FrameWorker worker, ReadFrame frame, ByteBuffer payload, ByteBuffer slot, Passage outcome) {
    if (isOver(frame.record(), frame.event(), frame.arrival(), outcome)) {
      slots.release(slot);
      return;
    }
    CompletableFuture<Segmentation> segmentation;
    DecodedFrame decoded;
    try {
      FrameGeometry geometry = worker.reader().pixels(frame.event(), payload, slot);
      decoded = new DecodedFrame(frame.event(), geometry, frame.fetchNanos());
      segmentation = segmenter.segment(slot, frame.arrival());
    } catch (RejectedFrameException rejection) {
      slots.release(slot);
      answer(outcome, () -> reject(worker.encoder(), frame.record(), rejection));
      return;
    } catch (RuntimeException | Error failure) {
      slots.release(slot);
      outcome.completeExceptionally(failure);
      return;
    }
    outcome.waitsIn(() -> segmenter.expedite(segmentation));
    segmentation.whenComplete(
        (result, failure) -> {
          outcome.waitsIn(null);
          slots.release(slot);
          if (failure instanceof ImageRejectedException rejected) {
            RejectedFrameException rejection =
                new RejectedFrameException(
                    DeadLetterReason.ENGINE_REJECTED, frame.event(), rejected.getMessage());
            finish(outcome, encoder -> reject(encoder, frame.record(), rejection));
          } else if (failure instanceof RequestExpiredException) {
            shed(frame.record(), frame.event(), ShedCause.TOO_OLD_WHILE_WAITING, outcome);
          } else if (failure != null) {
            outcome.completeExceptionally(failure);
          } else {
            finish(
                outcome,
                encoder ->
                    encoder.results(frame.record(), decoded, result, outcome.arrival.nanos()));
          }
        });
    cancelWith(outcome, segmentation);
  }

  /**
   * Gives up a frame that is not worth its answer any more.
   *
   * @param event what the record said, if it has been read
   */
  private void shed(
      SourceRecord record, @Nullable FrameEvent event, ShedCause cause, Passage outcome) {
    if (outcome.isDone()) {
      return;
    }
    shedFrames.countShed(cause, record.camera());
    if (policy.deadLetters()) {
      RejectedFrameException stale =
          new RejectedFrameException(DeadLetterReason.STALE, event, cause.sentence());
      finish(outcome, encoder -> encoder.deadLetter(record, stale));
    } else {
      outcome.complete(new Outcome(record.key(), List.of()));
    }
  }

  /** Shed frames are not told of one by one: under overload they are many. */
  private static Outcome reject(
      OutcomeEncoder encoder, SourceRecord record, RejectedFrameException rejection) {
    LOG.info("No mask: {}: {}", rejection.reason(), rejection.getMessage());
    return encoder.deadLetter(record, rejection);
  }

  private static void cancelWith(CompletableFuture<Outcome> outcome, CompletableFuture<?> part) {
    outcome.whenComplete(
        (answered, failure) -> {
          if (outcome.isCancelled()) {
            part.cancel(false);
          }
        });
  }

  private void finish(Passage outcome, Function<OutcomeEncoder, Outcome> work) {
    run(Stage.FINISH, outcome, worker -> answer(outcome, () -> work.apply(worker.encoder())));
  }

  private boolean run(Stage stage, Passage outcome, Consumer<FrameWorker> work) {
    try {
      workers.execute(
          stage,
          worker -> {
            outcome.setLogFields();
            work.accept(worker);
            LogFields.clear();
          });
      return true;
    } catch (RejectedExecutionException closed) {
      outcome.completeExceptionally(closed);
      return false;
    }
  }

  /** The worker must survive whatever the frame does to it. */
  private static void answer(CompletableFuture<Outcome> outcome, Supplier<Outcome> work) {
    if (outcome.isDone()) {
      return;
    }
    try {
      outcome.complete(work.get());
    } catch (RuntimeException | Error failure) {
      outcome.completeExceptionally(failure);
    }
  }
}
