package io.atrous.inference;

import io.atrous.batching.BatchProcessor;
import io.atrous.batching.BatchResult;
import io.atrous.tracing.FrameTrace;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One engine and the judgement of its failures.
 *
 * <p>A batch that fails is halved until what fails is one image. That image is tried once more, and
 * only if the {@link Canary} comes out well right after the second failure is the image to blame.
 * Otherwise the engine is: what it has said of this batch is not believed, and no lane asks its
 * engine again.
 *
 * <p>A batch for which the device has no memory is run in smaller ones ({@link BatchSizeLimit}).
 * One image for which it has none, twice, is not to blame either: every image takes the same.
 *
 * <p><b>Threading:</b> confined to its lane; what the lanes share is thread-safe.
 */
final class InferenceLane implements BatchProcessor<InferenceLane.Request, Segmentation> {

  private static final Logger LOG = LoggerFactory.getLogger(InferenceLane.class);

  /**
   * An image that waits.
   *
   * @param image as {@link SegmentationEngine#segment} takes it
   * @param trace follows the image's frame
   */
  record Request(ByteBuffer image, long arrivalNanos, FrameTrace trace) {}

  /** What all lanes of a segmenter share. */
  static final class Shared {

    private final AtomicLong batchIds = new AtomicLong();
    private final AtomicReference<@Nullable EngineBrokenException> broken = new AtomicReference<>();
    private final Map<String, BatchSizeLimit> batchSizes = new ConcurrentHashMap<>();
    private final int maxBatchSize;
    private final InferenceMetrics metrics;

    Shared(int maxBatchSize, InferenceMetrics metrics) {
      this.maxBatchSize = maxBatchSize;
      this.metrics = metrics;
    }

    private BatchSizeLimit batchSizes(String device) {
      return batchSizes.computeIfAbsent(device, any -> new BatchSizeLimit(maxBatchSize));
    }
  }

  private final SegmentationEngine engine;
  private final Canary canary;
  private final Shared shared;
  private final BatchSizeLimit batchSizes;
  private final InferenceMetrics.Device device;

  /**
   * Has the canary labelled.
   *
   * @param engine the lane's from now on
   */
  InferenceLane(SegmentationEngine engine, Shared shared) {
    this.engine = engine;
    this.canary = Canary.of(engine);
    this.shared = shared;
    this.batchSizes = shared.batchSizes(engine.profile().device());
    this.device = shared.metrics.device(engine.profile().device());
    device.limitedBy(batchSizes);
  }

  @Override
  public List<BatchResult<Segmentation>> process(List<Request> requests) {
    EngineBrokenException broken = shared.broken.get();
    if (broken != null) {
      throw broken;
    }
    List<BatchResult<Segmentation>> results = new ArrayList<>(requests.size());
    answer(requests, results);
    return results;
  }

  private void answer(List<Request> requests, List<BatchResult<Segmentation>> results) {
    int size = requests.size();
    int allowed = batchSizes.get();
    if (size > allowed) {
      answerInTwo(requests, allowed, results);
      return;
    }
    try {
      run(requests).forEach(mask -> results.add(new BatchResult.Answered<>(mask)));
      batchSizes.fit(size);
      return;
    } catch (DeviceMemoryException e) {
      batchSizes.exceeded(size);
      int smaller = batchSizes.get();
      LOG.warn("Batches of {} at most from now on, not of {}: {}", smaller, size, e.getMessage());
    } catch (RuntimeException e) {
      LOG.debug("The engine failed on a batch of {}", size, e);
    }
    if (size == 1) {
      results.add(answerAlone(requests.get(0)));
    } else {
      answerInTwo(requests, size / 2, results);
    }
  }

  private void answerInTwo(
      List<Request> requests, int first, List<BatchResult<Segmentation>> results) {
    answer(requests.subList(0, first), results);
    answer(requests.subList(first, requests.size()), results);
  }

  private BatchResult<Segmentation> answerAlone(Request request) {
    try {
      return new BatchResult.Answered<>(run(List.of(request)).get(0));
    } catch (DeviceMemoryException e) {
      throw broken("the engine has no memory for a single image", e);
    } catch (RuntimeException e) {
      judge(e);
      ImageRejectedException rejected =
          new ImageRejectedException(
              "the network failed on this frame alone, and not on a known image right after: "
                  + reason(e),
              e);
      LOG.warn("An image is rejected: {}", rejected.getMessage());
      return new BatchResult.Failed<>(rejected);
    }
  }

  private static String reason(RuntimeException failure) {
    return failure instanceof EngineFailedException failed
        ? String.valueOf(failed.getMessage())
        : failure.toString().lines().findFirst().orElseThrow();
  }

  /**
   * Asks for the canary.
   *
   * @throws EngineBrokenException if it does not come out well
   */
  private void judge(RuntimeException failure) {
    boolean sound;
    try {
      sound = canary.isLabelledAsAtStart(engine);
    } catch (RuntimeException e) {
      e.addSuppressed(failure);
      throw broken("the engine fails on a known image too", e);
    }
    if (!sound) {
      throw broken("the engine labels a known image otherwise than at start", failure);
    }
  }

  private EngineBrokenException broken(String message, RuntimeException cause) {
    EngineBrokenException broken = new EngineBrokenException(message, cause);
    shared.broken.compareAndSet(null, broken);
    return broken;
  }

  private List<Segmentation> run(List<Request> requests) {
    LongSupplier nanoTime = shared.metrics.nanoTime();
    long batchId = shared.batchIds.incrementAndGet();
    List<FrameTrace> traces = requests.stream().map(Request::trace).toList();
    long startNanos = nanoTime.getAsLong();
    List<EngineMask> masks;
    device.begins(startNanos);
    try {
      masks = engine.segment(requests.stream().map(Request::image).toList());
    } catch (RuntimeException | Error e) {
      device.ends(batchId, traces, startNanos, nanoTime.getAsLong(), e);
      throw e;
    }
    long endNanos = nanoTime.getAsLong();
    device.ends(batchId, traces, startNanos, endNanos, null);
    long inferenceNanos = endNanos - startNanos;
    List<Segmentation> segmentations = new ArrayList<>(requests.size());
    for (int i = 0; i < requests.size(); i++) {
      long arrivalNanos = requests.get(i).arrivalNanos();
      long queuedNanos = startNanos - arrivalNanos;
      shared.metrics.queued(traces.get(i), arrivalNanos, startNanos);
      segmentations.add(
          new Segmentation(masks.get(i), batchId, requests.size(), queuedNanos, inferenceNanos));
    }
    return segmentations;
  }

  @Override
  public void close() {
    engine.close();
  }
}
