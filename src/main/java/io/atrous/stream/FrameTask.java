package io.atrous.stream;

import io.atrous.batching.Arrival;
import io.atrous.event.FrameEvent;
import io.atrous.event.UntrustedText;
import io.atrous.live.LiveFrame;
import io.atrous.tracing.FrameTrace;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A frame on its way from record to outcome, with the model that it has taken and the slot that it
 * holds at times.
 *
 * <p><b>Threading:</b> one stage works on it at a time and hands it to the next; only {@link
 * #waitsIn} and what others do with its {@link #outcome} may happen at any time.
 */
@SuppressWarnings("FutureReturnValueIgnored") // They tell of the outcome, which says how it ended.
final class FrameTask {

  private final SourceRecord record;
  private final CameraId camera;
  private final ServedModel model;
  private final long arrivedNanos;
  private final LiveFrame live;
  private final PendingOutcome outcome;
  private Arrival arrival;
  private @Nullable FrameEvent event;
  private @Nullable ByteBuffer slot;

  /** The frame's outcome to be. It outlives the frame's bytes, so it doesn't hold them. */
  static final class PendingOutcome extends CompletableFuture<Outcome> {

    private final FrameTrace trace;
    private boolean urgent;
    private @Nullable Runnable expedite;

    private PendingOutcome(FrameTrace trace) {
      this.trace = trace;
    }

    /** Gives the frame up, also if it has its outcome: that is not written then. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      trace.isGivenUp();
      return super.cancel(mayInterruptIfRunning);
    }

    synchronized void expedite() {
      urgent = true;
      if (expedite != null) {
        expedite.run();
      }
    }

    private synchronized void waitsIn(@Nullable Runnable expedite) {
      this.expedite = expedite;
      if (urgent && expedite != null) {
        expedite.run();
      }
    }
  }

  /**
   * Begins a frame.
   *
   * @param arrival when it arrived at the service, and whose it is
   * @param model has been taken for it; is given back with the outcome
   * @param live follows it for people who look
   */
  FrameTask(
      SourceRecord record, CameraId camera, Arrival arrival, ServedModel model, LiveFrame live) {
    this.record = record;
    this.camera = camera;
    this.arrival = arrival;
    this.arrivedNanos = arrival.nanos();
    this.model = model;
    this.live = live;
    this.outcome = new PendingOutcome(record.trace());
    record.trace().isOf(camera.toString());
    outcome.whenComplete(
        (answer, failure) -> {
          outcome.waitsIn(null);
          model.frameEnds();
          // A frame that was only counted as shed has nothing to show.
          if (answer != null && !answer.emissions().isEmpty()) {
            live.isAnswered(answer.reason());
          }
        });
  }

  SourceRecord record() {
    return record;
  }

  CameraId camera() {
    return camera;
  }

  FrameTrace trace() {
    return record.trace();
  }

  LiveFrame live() {
    return live;
  }

  ServedModel model() {
    return model;
  }

  PendingOutcome outcome() {
    return outcome;
  }

  /** Returns when it arrived at the service. */
  long arrivedNanos() {
    return arrivedNanos;
  }

  /** Returns when it arrived at the service, or when its payload was here. */
  Arrival arrival() {
    return arrival;
  }

  /** Returns the time between the two; 0 if the event held the payload. */
  long fetchNanos() {
    return arrival.nanos() - arrivedNanos;
  }

  /** Counts the wait for a batch from now on: until now its payload was fetched. */
  void isFetched(long nowNanos) {
    arrival = arrival.delayed(nowNanos - arrivedNanos);
  }

  /** Returns what the record said, if it has been read. */
  @Nullable FrameEvent event() {
    return event;
  }

  void isRead(FrameEvent event) {
    this.event = event;
    trace().isRead(UntrustedText.oneLine(event.getFrameId()));
    setLogFields();
  }

  void setLogFields() {
    LogFields.set(record.outcomeId(), camera, event == null ? null : event.getFrameId(), trace());
  }

  /** Returns memory that is the frame's until {@link #releaseSlot}. */
  ByteBuffer slot() {
    return Objects.requireNonNull(slot);
  }

  void holdSlot(ByteBuffer slot) {
    this.slot = slot;
  }

  /** Gives the slot back, if the frame holds one. */
  void releaseSlot() {
    if (slot != null) {
      ByteBuffer free = slot;
      slot = null;
      model.slots().release(free);
    }
  }

  /**
   * Says which queue the frame waits in now.
   *
   * @param expedite has it go before others there; null if it is in none
   */
  void waitsIn(@Nullable Runnable expedite) {
    outcome.waitsIn(expedite);
  }

  /** Gives a part of the work up if the frame is given up. */
  void cancels(CompletableFuture<?> part) {
    outcome.whenComplete(
        (answer, failure) -> {
          if (outcome.isCancelled()) {
            part.cancel(false);
          }
        });
  }

  /** Tells whether the frame needs no more work: it has its outcome, or was given up. */
  boolean isDone() {
    return outcome.isDone();
  }

  void complete(Outcome answer) {
    releaseSlot();
    outcome.complete(answer);
  }

  void fail(Throwable failure) {
    releaseSlot();
    if (!isDone()) {
      trace().fails(failure);
    }
    outcome.completeExceptionally(failure);
  }
}
