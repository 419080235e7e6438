package io.atrous.inference;

import io.atrous.batching.BatchPolicy;
import io.atrous.batching.BatchProcessor;
import io.atrous.batching.BatchResult;
import io.atrous.batching.DynamicBatcher;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images of many threads to masks, in batches: a {@link DynamicBatcher} whose lanes own one {@link
 * SegmentationEngine} each.
 *
 * <p>If an engine fails on a batch of several images, each is tried alone, so that an image it
 * can't take harms no other.
 *
 * <p><b>Threading:</b> thread-safe. Futures complete on inference lanes: what hangs on them should
 * be brief or asynchronous.
 */
public final class Segmenter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Segmenter.class);

  private final DynamicBatcher<Request, Segmentation> batcher;
  private final EngineProfile profile;

  private Segmenter(DynamicBatcher<Request, Segmentation> batcher, EngineProfile profile) {
    this.batcher = batcher;
    this.profile = profile;
  }

  /**
   * Makes the engines, each on its lane, one after another, and returns when all are warm.
   *
   * @param lanes how many engines: one on a CPU, two to keep a CUDA device's queue full
   * @param engines called once on each lane; what it makes is closed there
   * @param nanoTime the clock of the arrivals given to {@link #segment}
   * @throws RuntimeException what {@code engines} threw; nothing is left running then
   */
  public static Segmenter start(
      BatchPolicy policy,
      int lanes,
      Supplier<? extends SegmentationEngine> engines,
      LongSupplier nanoTime) {
    List<EngineProfile> profiles = new CopyOnWriteArrayList<>();
    AtomicLong batchIds = new AtomicLong();
    DynamicBatcher<Request, Segmentation> batcher =
        DynamicBatcher.start(
            "inference-lane",
            policy,
            lanes,
            () -> {
              SegmentationEngine engine = engines.get();
              if (engine.profile().maxBatchSize() < policy.maxBatchSize()) {
                engine.close();
                throw new IllegalArgumentException(
                    "the engine takes batches of %d at most, the policy makes them of %d"
                        .formatted(engine.profile().maxBatchSize(), policy.maxBatchSize()));
              }
              profiles.add(engine.profile());
              return new EngineLane(engine, batchIds, nanoTime);
            },
            nanoTime);
    return new Segmenter(batcher, profiles.get(0));
  }

  /** What the engines are; all lanes' are alike. */
  public EngineProfile profile() {
    return profile;
  }

  /**
   * Segments an image.
   *
   * @param image uint8 [inputHeight, inputWidth, 3] RGB, a direct buffer from position 0. It is
   *     only read, until the future is done; if the future is cancelled, possibly a moment longer,
   *     so whoever reuses the memory at once spoils a result that nobody sees.
   * @param arrivalNanos when the image's waiting began
   * @return its mask; or the engine's failure; or {@link
   *     java.util.concurrent.RejectedExecutionException} if the queue is full or closed. Cancelling
   *     it withdraws an image that still waits.
   * @throws IllegalArgumentException if the image is of another size
   */
  public CompletableFuture<Segmentation> segment(ByteBuffer image, long arrivalNanos) {
    int bytes = profile.inputHeight() * profile.inputWidth() * 3;
    if (!image.isDirect() || image.capacity() != bytes) {
      throw new IllegalArgumentException(
          "an image is a direct buffer of " + bytes + " bytes, not of " + image.capacity());
    }
    return batcher.submit(new Request(image, arrivalNanos), arrivalNanos);
  }

  /** How many images wait for a batch. */
  public int queued() {
    return batcher.queued();
  }

  /** Answers what was submitted, then closes the engines. */
  @Override
  public void close() {
    batcher.close();
  }

  private record Request(ByteBuffer image, long arrivalNanos) {}

  private record EngineLane(SegmentationEngine engine, AtomicLong batchIds, LongSupplier nanoTime)
      implements BatchProcessor<Request, Segmentation> {

    @Override
    public List<BatchResult<Segmentation>> process(List<Request> requests) {
      List<BatchResult<Segmentation>> results = new ArrayList<>(requests.size());
      try {
        run(requests).forEach(mask -> results.add(new BatchResult.Answered<>(mask)));
      } catch (RuntimeException e) {
        if (requests.size() == 1) {
          return List.of(new BatchResult.Failed<>(e));
        }
        LOG.warn(
            "a batch of {} failed, its images are tried alone: {}", requests.size(), e.toString());
        results.clear();
        requests.forEach(request -> results.addAll(process(List.of(request))));
      }
      return results;
    }

    private List<Segmentation> run(List<Request> requests) {
      long startNanos = nanoTime.getAsLong();
      List<EngineMask> masks = engine.segment(requests.stream().map(Request::image).toList());
      long inferenceNanos = nanoTime.getAsLong() - startNanos;
      long batchId = batchIds.incrementAndGet();
      List<Segmentation> segmentations = new ArrayList<>(requests.size());
      for (int i = 0; i < requests.size(); i++) {
        segmentations.add(
            new Segmentation(
                masks.get(i),
                batchId,
                requests.size(),
                startNanos - requests.get(i).arrivalNanos(),
                inferenceNanos));
      }
      return segmentations;
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}
