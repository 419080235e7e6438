package io.atrous.stream;

import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEvent;
import io.atrous.event.FrameReference;
import io.atrous.frame.DecodeLimits;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * A frame's way from record to outcome: a worker decodes it into a slot, the segmenter batches it
 * with others, a worker encodes what comes out. While a payload that lies elsewhere is fetched, the
 * frame holds neither worker nor slot.
 *
 * <p><b>Threading:</b> thread-safe. Owns its workers and slots, not the segmenter and the resolver.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The outcome says how each stage ended.
public final class FramePipeline implements FrameAnalyzer, AutoCloseable {

  /** One batch on the device, one that forms, one to spare while frames of both are released. */
  private static final int SLOT_BATCHES = 3;

  private final Segmenter segmenter;
  private final SlotPool slots;
  private final WorkerPool<FrameWorker> workers;
  private final PayloadResolver payloads;
  private final LongSupplier nanoTime;

  /** A worker's tools, confined to its thread. */
  private record FrameWorker(FrameReader reader, OutcomeEncoder encoder) {}

  /**
   * A frame on its way to the segmenter.
   *
   * @param nanos when it arrived at the service
   * @param readyNanos when its payload was here
   */
  private record Arrival(SourceRecord record, FrameEvent event, long nanos, long readyNanos) {

    Arrival readyAt(long nowNanos) {
      return new Arrival(record, event, nanos, nowNanos);
    }

    long fetchNanos() {
      return readyNanos - nanos;
    }
  }

  /**
   * Starts the workers.
   *
   * @param segmenter answers the slots; stays the caller's
   * @param frames decodes frame events; thread-safe, stays the caller's
   * @param payloads fetches what events refer to; stays the caller's
   * @param limits what a payload may be
   * @param model how frames are resized and what classes are called
   * @param outputs encodes the events
   * @param results what they look like
   * @param threads how many workers
   * @param clock the time of dead letters
   * @param nanoTime the clock of queue delays and timings
   */
  public FramePipeline(
      Segmenter segmenter,
      Deserializer<FrameEvent> frames,
      PayloadResolver payloads,
      DecodeLimits limits,
      ModelSpec model,
      EventOutputs outputs,
      ResultSettings results,
      int threads,
      Clock clock,
      LongSupplier nanoTime) {
    EngineProfile engine = segmenter.profile();
    this.segmenter = segmenter;
    this.payloads = payloads;
    this.nanoTime = nanoTime;
    this.slots =
        new SlotPool(
            slotCount(engine.maxBatchSize(), threads),
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
  public static int slotCount(int maxBatchSize, int threads) {
    return SLOT_BATCHES * maxBatchSize + threads;
  }

  /** The direct memory that decoded frames take at most. */
  public long slotMemoryBytes() {
    return slots.capacityBytes();
  }

  @Override
  public CompletableFuture<Outcome> analyze(SourceRecord record) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    long arrivalNanos = nanoTime.getAsLong();
    slots
        .acquire()
        .thenAccept(
            slot -> {
              if (!run(Stage.BEGIN, outcome, w -> begin(w, record, arrivalNanos, slot, outcome))) {
                slots.release(slot);
              }
            });
    return outcome;
  }

  @Override
  public void close() {
    workers.close();
  }

  private void begin(
      FrameWorker worker,
      SourceRecord record,
      long arrivalNanos,
      ByteBuffer slot,
      CompletableFuture<Outcome> outcome) {
    if (outcome.isDone()) {
      slots.release(slot);
      return;
    }
    FrameEvent event;
    try {
      event = worker.reader().event(record);
    } catch (RejectedFrameException rejection) {
      slots.release(slot);
      answer(outcome, () -> worker.encoder().deadLetter(record, rejection));
      return;
    } catch (RuntimeException | Error failure) {
      slots.release(slot);
      outcome.completeExceptionally(failure);
      return;
    }
    Arrival arrival = new Arrival(record, event, arrivalNanos, arrivalNanos);
    if (event.getPayload() instanceof FrameReference reference) {
      slots.release(slot);
      fetch(arrival, reference, outcome);
    } else {
      segment(worker, arrival, (ByteBuffer) event.getPayload(), slot, outcome);
    }
  }

  private void fetch(
      Arrival arrival, FrameReference reference, CompletableFuture<Outcome> outcome) {
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
            RejectedFrameException rejection = new RejectedFrameException(arrival.event(), refused);
            finish(outcome, encoder -> encoder.deadLetter(arrival.record(), rejection));
          } else if (failure != null) {
            outcome.completeExceptionally(failure);
          } else {
            resume(arrival.readyAt(nanoTime.getAsLong()), payload, outcome);
          }
        });
    cancelWith(outcome, fetched);
  }

  /** The frame has waited in line once, before its payload was known to lie elsewhere. */
  private void resume(Arrival arrival, ByteBuffer payload, CompletableFuture<Outcome> outcome) {
    slots
        .acquireFirst()
        .thenAccept(
            slot -> {
              if (!run(Stage.BEGIN, outcome, w -> segment(w, arrival, payload, slot, outcome))) {
                slots.release(slot);
              }
            });
  }

  private void segment(
      FrameWorker worker,
      Arrival arrival,
      ByteBuffer payload,
      ByteBuffer slot,
      CompletableFuture<Outcome> outcome) {
    if (outcome.isDone()) {
      slots.release(slot);
      return;
    }
    CompletableFuture<Segmentation> segmentation;
    DecodedFrame frame;
    try {
      FrameGeometry geometry = worker.reader().pixels(arrival.event(), payload, slot);
      frame = new DecodedFrame(arrival.event(), geometry, arrival.fetchNanos());
      segmentation = segmenter.segment(slot, arrival.readyNanos());
    } catch (RejectedFrameException rejection) {
      slots.release(slot);
      answer(outcome, () -> worker.encoder().deadLetter(arrival.record(), rejection));
      return;
    } catch (RuntimeException | Error failure) {
      slots.release(slot);
      outcome.completeExceptionally(failure);
      return;
    }
    segmentation.whenComplete(
        (result, failure) -> {
          slots.release(slot);
          if (failure instanceof ImageRejectedException rejected) {
            RejectedFrameException rejection =
                new RejectedFrameException(
                    DeadLetterReason.ENGINE_REJECTED, frame.event(), rejected.getMessage());
            finish(outcome, encoder -> encoder.deadLetter(arrival.record(), rejection));
          } else if (failure != null) {
            outcome.completeExceptionally(failure);
          } else {
            finish(
                outcome,
                encoder -> encoder.results(arrival.record(), frame, result, arrival.nanos()));
          }
        });
    cancelWith(outcome, segmentation);
  }

  private static void cancelWith(CompletableFuture<Outcome> outcome, CompletableFuture<?> part) {
    outcome.whenComplete(
        (answered, failure) -> {
          if (outcome.isCancelled()) {
            part.cancel(false);
          }
        });
  }

  private void finish(CompletableFuture<Outcome> outcome, Function<OutcomeEncoder, Outcome> work) {
    run(Stage.FINISH, outcome, worker -> answer(outcome, () -> work.apply(worker.encoder())));
  }

  private boolean run(Stage stage, CompletableFuture<Outcome> outcome, Consumer<FrameWorker> work) {
    try {
      workers.execute(stage, work);
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
