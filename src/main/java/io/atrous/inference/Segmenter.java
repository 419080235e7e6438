package io.atrous.inference;

import io.atrous.batching.Arrival;
import io.atrous.batching.BatchPolicy;
import io.atrous.batching.DynamicBatcher;
import io.atrous.tracing.FrameTrace;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Images of many threads to masks, in batches: a {@link DynamicBatcher} whose lanes own one {@link
 * SegmentationEngine} each.
 *
 * <p>An image that an engine can't take harms no other; and if the engine is broken no image is
 * blamed for it ({@link InferenceLane}).
 *
 * <p><b>Threading:</b> thread-safe. Futures complete on inference lanes: what hangs on them should
 * be brief or asynchronous.
 */
public final class Segmenter implements AutoCloseable {

  private final DynamicBatcher<InferenceLane.Request, Segmentation> batcher;
  private final List<EngineProfile> profiles;

  private Segmenter(
      DynamicBatcher<InferenceLane.Request, Segmentation> batcher, List<EngineProfile> profiles) {
    this.batcher = batcher;
    this.profiles = List.copyOf(profiles);
  }

  /**
   * Makes the engines, each on its lane, one after another, and returns when all are warm.
   *
   * @param lanes how many engines, such as {@link LaneEngines#count}
   * @param engines called once on each lane; what it makes is closed there
   * @param metrics the meters of lanes, with the clock of the arrivals given to {@link #segment}
   * @throws RuntimeException what {@code engines} threw; nothing is left running then
   */
  public static Segmenter start(
      BatchPolicy policy,
      int lanes,
      Supplier<? extends SegmentationEngine> engines,
      InferenceMetrics metrics) {
    List<EngineProfile> profiles = new CopyOnWriteArrayList<>();
    InferenceLane.Shared shared = new InferenceLane.Shared(policy.maxBatchSize(), metrics);
    DynamicBatcher<InferenceLane.Request, Segmentation> batcher =
        DynamicBatcher.start(
            "inference-lane",
            policy,
            lanes,
            () -> {
              SegmentationEngine engine = engines.get();
              try {
                profiles.add(checked(engine.profile(), policy));
                return new InferenceLane(engine, shared);
              } catch (Throwable e) {
                engine.close();
                throw e;
              }
            },
            metrics.batches(),
            metrics.nanoTime());
    return new Segmenter(batcher, profiles);
  }

  private static EngineProfile checked(EngineProfile engine, BatchPolicy policy) {
    if (engine.maxBatchSize() < policy.maxBatchSize()) {
      throw new IllegalArgumentException(
          "the engine takes batches of %d at most, the policy makes them of %d"
              .formatted(engine.maxBatchSize(), policy.maxBatchSize()));
    }
    return engine;
  }

  /** What the engines are; all lanes' are alike, but for the device. */
  public EngineProfile profile() {
    return profiles.get(0);
  }

  /** How many engines there are. */
  public int lanes() {
    return profiles.size();
  }

  /** Where the engines are, each device once, such as {@code cuda:0, cuda:1}. */
  public String devices() {
    return profiles.stream()
        .map(EngineProfile::device)
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** Segments an image that is of no frame which is traced. */
  public CompletableFuture<Segmentation> segment(ByteBuffer image, Arrival arrival) {
    return segment(image, arrival, FrameTrace.NONE);
  }

  /**
   * Segments an image.
   *
   * @param image uint8 [inputHeight, inputWidth, 3] RGB, a direct buffer from position 0. It is
   *     only read, until the future is done; if the future is cancelled, possibly a moment longer,
   *     so whoever reuses the memory at once spoils a result that nobody sees.
   * @param arrival when the image's waiting began, and whose it is
   * @param trace follows the image's frame
   * @return its mask; or {@link ImageRejectedException} if the engine can't take this image; or
   *     {@link EngineBrokenException}; or {@link io.atrous.batching.RequestExpiredException} if the
   *     image waited beyond its lifetime; or {@link
   *     java.util.concurrent.RejectedExecutionException} if the queue is full or closed. Cancelling
   *     it withdraws an image that still waits.
   * @throws IllegalArgumentException if the image is of another size
   */
  public CompletableFuture<Segmentation> segment(
      ByteBuffer image, Arrival arrival, FrameTrace trace) {
    int bytes = profile().inputHeight() * profile().inputWidth() * 3;
    if (!image.isDirect() || image.capacity() != bytes) {
      throw new IllegalArgumentException(
          "an image is a direct buffer of " + bytes + " bytes, not of " + image.capacity());
    }
    return batcher.submit(new InferenceLane.Request(image, arrival.nanos(), trace), arrival);
  }

  /**
   * Says that somebody can do nothing but wait for this image: it goes into the next batch.
   *
   * @param segmentation what {@link #segment} returned
   */
  public void expedite(CompletableFuture<Segmentation> segmentation) {
    batcher.expedite(segmentation);
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
}
