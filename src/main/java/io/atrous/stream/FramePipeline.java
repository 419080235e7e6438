package io.atrous.stream;

import io.atrous.batching.Arrival;
import io.atrous.batching.RequestExpiredException;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEvent;
import io.atrous.event.FrameReference;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.OrientationPolicy;
import io.atrous.inference.ImageRejectedException;
import io.atrous.inference.Segmentation;
import io.atrous.inference.Segmenter;
import io.atrous.live.LiveTap;
import io.atrous.payload.PayloadReference;
import io.atrous.payload.PayloadResolver;
import io.atrous.stream.RefusedOutcomes.Refusal;
import io.atrous.stream.WorkerPool.Stage;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A frame's way from record to outcome: a worker decodes it into a slot, the segmenter batches it
 * with others, a worker encodes what comes out. While a payload that lies elsewhere is fetched, the
 * frame holds neither worker nor slot.
 *
 * <p><b>Threading:</b> thread-safe. Owns its workers, not the models and the resolver.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The outcome says how each stage ended.
public final class FramePipeline implements FrameAnalyzer, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FramePipeline.class);

  private final ModelSwitch models;
  private final PayloadResolver payloads;
  private final SheddingPolicy policy;
  private final CameraWeights weights;
  private final ShedFrames shedFrames;
  private final RefusedOutcomes refused;
  private final FrameAge age;
  private final LatestFrames<FrameTask> latest;
  private final WorkerPool<FrameWorker> workers;
  private final FrameMetrics metrics;
  private final LiveTap live;

  /** A part of a frame's way that a worker does. */
  @FunctionalInterface
  private interface Step {

    /**
     * Does the work; whatever it throws is the frame's outcome.
     *
     * @throws RejectedFrameException if the frame is to blame
     */
    void run(FrameWorker worker) throws RejectedFrameException;
  }

  /**
   * Starts the workers.
   *
   * @param models label the frames; stay the caller's
   * @param frames decodes frame events; thread-safe, stays the caller's
   * @param payloads fetches what events refer to; stays the caller's
   * @param limits what a frame may be
   * @param orientationPolicy whether pictures are turned upright
   * @param outputs encodes the events, and says what has been refused
   * @param policy which frames are shed
   * @param weights which cameras get more than a turn each
   * @param shedFrames counts them; stays the caller's
   * @param threads how many workers
   * @param clock the time of dead letters, and what frames' ages are counted to
   * @param metrics the meters of frames, with the clock of queue delays and timings
   * @param live sees the frames for people who look
   */
  public FramePipeline(
      ModelSwitch models,
      Deserializer<FrameEvent> frames,
      PayloadResolver payloads,
      FrameLimits limits,
      OrientationPolicy orientationPolicy,
      EventOutputs outputs,
      SheddingPolicy policy,
      CameraWeights weights,
      ShedFrames shedFrames,
      int threads,
      Clock clock,
      FrameMetrics metrics,
      LiveTap live) {
    this.models = models;
    this.payloads = payloads;
    this.policy = policy;
    this.weights = weights;
    this.shedFrames = shedFrames;
    this.refused = outputs.topics().refused();
    this.age = new FrameAge(policy, clock, shedFrames);
    this.latest = new LatestFrames<>(this::startLatest, task -> shed(task, ShedCause.SUPERSEDED));
    this.metrics = metrics;
    this.live = live;
    this.workers =
        new WorkerPool<>(
            "frame-worker",
            threads,
            () ->
                new FrameWorker(
                    new FrameReader(frames, limits, orientationPolicy),
                    outputs,
                    clock,
                    metrics::now));
  }

  /**
   * Has every worker and the network at work once, before frames come.
   *
   * @return done when they were
   */
  public CompletableFuture<Void> warm(WarmUp warmUp) {
    CompletableFuture<?>[] warmed = new CompletableFuture<?>[workers.threadCount()];
    for (int i = 0; i < warmed.length; i++) {
      warmed[i] = warm(warmUp, models.current());
    }
    return CompletableFuture.allOf(warmed);
  }

  private CompletableFuture<Void> warm(WarmUp warmUp, ServedModel model) {
    CompletableFuture<Void> warmed = new CompletableFuture<>();
    Arrival now = Arrival.at(metrics.now());
    model
        .slots()
        .acquire(now)
        .thenAccept(
            slot ->
                workers.execute(
                    Stage.BEGIN,
                    worker -> {
                      try {
                        warmUp.run(model, worker.encoder(model), slot, now);
                        warmed.complete(null);
                      } catch (RuntimeException | Error failure) {
                        warmed.completeExceptionally(failure);
                      } finally {
                        model.slots().release(slot);
                      }
                    }));
    return warmed;
  }

  @Override
  public CompletableFuture<Outcome> analyze(SourceRecord record) {
    CameraId camera = record.camera();
    long lifetimeNanos = age.lifetimeNanos(record, camera);
    Arrival arrival =
        new Arrival(camera, weights.of(camera), metrics.now(), Math.max(0, lifetimeNanos));
    FrameTask task =
        new FrameTask(
            record, camera, arrival, models.take(), live.begin(camera.toString(), arrival.nanos()));
    if (lifetimeNanos < 0) {
      shed(task, ShedCause.TOO_OLD_ON_ARRIVAL);
    } else if (policy.latestOnly()) {
      latest.offer(camera, task);
    } else {
      start(task);
    }
    return task.outcome();
  }

  @Override
  public void expedite(CompletableFuture<Outcome> outcome) {
    if (outcome instanceof FrameTask.PendingOutcome pending) {
      pending.expedite();
    }
  }

  @Override
  public void close() {
    workers.close();
  }

  private void startLatest(FrameTask task) {
    task.outcome().whenComplete((outcome, failure) -> latest.finished(task.camera()));
    start(task);
  }

  private void start(FrameTask task) {
    CompletableFuture<ByteBuffer> slot = task.model().slots().acquire(task.arrival());
    task.waitsIn(() -> task.model().slots().expedite(slot));
    withSlot(task, slot, worker -> read(worker, task));
  }

  private void read(FrameWorker worker, FrameTask task) throws RejectedFrameException {
    if (isOver(task)) {
      return;
    }
    FrameEvent event = worker.reader().event(task.record());
    task.isRead(event);
    Refusal refusal = refused.of(task.record().outcomeId()).orElse(null);
    if (refusal != null && refusal.results() != null) {
      throw new RejectedFrameException(refusal.results(), event, refusal.message());
    }
    Optional<String> excess = task.model().results().headers().excess(task.record());
    if (excess.isPresent()) {
      throw new RejectedFrameException(DeadLetterReason.TOO_LARGE, event, excess.get());
    }
    if (event.getPayload() instanceof FrameReference reference) {
      fetch(task, event, reference);
    } else {
      segment(worker, task, event, (ByteBuffer) event.getPayload());
    }
  }

  private void fetch(FrameTask task, FrameEvent event, FrameReference reference) {
    task.releaseSlot();
    task.waitsIn(null);
    CompletableFuture<ByteBuffer> fetched =
        payloads.resolve(
            new PayloadReference(
                reference.getUri(), reference.getSizeBytes(), reference.getSha256()));
    fetched.whenComplete(
        (payload, failure) -> {
          if (failure instanceof FrameRejectedException refused) {
            reject(task, new RejectedFrameException(event, refused));
          } else if (failure != null) {
            task.fail(failure);
          } else {
            task.isFetched(metrics.now());
            metrics.fetched(task.trace(), task.arrivedNanos(), task.arrival().nanos());
            // It has waited in line once, before its payload was known to lie elsewhere.
            withSlot(
                task,
                task.model().slots().acquireFirst(task.arrival()),
                worker -> segment(worker, task, event, payload));
          }
        });
    task.cancels(fetched);
  }

  private void segment(FrameWorker worker, FrameTask task, FrameEvent event, ByteBuffer payload)
      throws RejectedFrameException {
    if (isOver(task)) {
      return;
    }
    Segmenter segmenter = task.model().segmenter();
    long startNanos = metrics.now();
    FrameGeometry geometry =
        worker.reader().pixels(event, payload, task.model().fit(), task.slot());
    metrics.decodedSince(startNanos, task.trace());
    task.live().hasPixels(task.slot(), geometry);
    DecodedFrame frame = new DecodedFrame(event, geometry, task.fetchNanos());
    CompletableFuture<Segmentation> segmentation =
        segmenter.segment(task.slot(), task.arrival(), task.trace());
    task.waitsIn(() -> segmenter.expedite(segmentation));
    segmentation.whenComplete(
        (result, failure) -> {
          task.waitsIn(null);
          task.releaseSlot();
          if (failure instanceof ImageRejectedException rejected) {
            reject(
                task,
                new RejectedFrameException(
                    DeadLetterReason.ENGINE_REJECTED, event, rejected.getMessage()));
          } else if (failure instanceof RequestExpiredException) {
            shed(task, ShedCause.TOO_OLD_WHILE_WAITING);
          } else if (failure != null) {
            task.fail(failure);
          } else {
            finish(
                task,
                encoder -> {
                  task.live().hasMask(result, geometry, task.model().spec().classes());
                  return encoder.results(task.record(), frame, result, task.arrivedNanos());
                });
          }
        });
    task.cancels(segmentation);
  }

  /** Whether a frame needs no more work; if it is too old by now, it is shed. */
  private boolean isOver(FrameTask task) {
    if (task.isDone()) {
      task.releaseSlot();
      return true;
    }
    boolean expired = task.arrival().isExpired(metrics.now());
    if (expired) {
      shed(task, ShedCause.TOO_OLD_WHILE_WAITING);
    }
    return expired;
  }

  /**
   * Gives up a frame that is not worth its answer any more. Shed frames are not told of one by one:
   * under overload they are many.
   */
  private void shed(FrameTask task, ShedCause cause) {
    task.releaseSlot();
    if (task.isDone()) {
      return;
    }
    shedFrames.countShed(cause, task.camera());
    if (policy.deadLetters()) {
      RejectedFrameException stale =
          new RejectedFrameException(DeadLetterReason.STALE, task.event(), cause.sentence());
      finish(task, encoder -> encoder.deadLetter(task.record(), stale));
    } else {
      task.complete(new Outcome(task.record().key(), List.of()));
    }
  }

  private void reject(FrameTask task, RejectedFrameException rejection) {
    run(
        Stage.FINISH,
        task,
        worker -> {
          throw rejection;
        });
  }

  private void finish(FrameTask task, Function<OutcomeEncoder, Outcome> encoding) {
    run(
        Stage.FINISH,
        task,
        worker -> {
          if (!task.isDone()) {
            long startNanos = metrics.now();
            Outcome outcome = encoding.apply(worker.encoder(task.model()));
            metrics.encodedSince(startNanos, task.trace());
            task.complete(outcome);
          }
        });
  }

  private void withSlot(FrameTask task, CompletableFuture<ByteBuffer> slot, Step step) {
    slot.thenAccept(
        memory -> {
          task.holdSlot(memory);
          run(Stage.BEGIN, task, step);
        });
    task.cancels(slot);
  }

  /** The worker must survive whatever the frame does to it. */
  private void run(Stage stage, FrameTask task, Step step) {
    try {
      workers.execute(
          stage,
          worker -> {
            task.setLogFields();
            try {
              step.run(worker);
            } catch (RejectedFrameException rejection) {
              answer(worker, task, rejection);
            } catch (RuntimeException | Error failure) {
              task.fail(failure);
            }
            LogFields.clear();
          });
    } catch (RejectedExecutionException closed) {
      task.fail(closed);
    }
  }

  private static void answer(FrameWorker worker, FrameTask task, RejectedFrameException rejection) {
    task.releaseSlot();
    if (task.isDone()) {
      return;
    }
    LOG.info("No mask: {}: {}", rejection.reason(), rejection.getMessage());
    try {
      task.complete(worker.encoder(task.model()).deadLetter(task.record(), rejection));
    } catch (RuntimeException | Error failure) {
      task.fail(failure);
    }
  }
}
