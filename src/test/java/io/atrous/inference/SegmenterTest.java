package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.atrous.batching.Arrival;
import io.atrous.batching.BatchPolicy;
import io.atrous.tracing.FrameTracer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SegmenterTest {

  private static final int HEIGHT = 2;
  private static final int WIDTH = 2;
  private static final byte POISON = 66;

  private final AtomicLong now = new AtomicLong(1_000);

  @Test
  void answersEachImageWithItsOwnMaskAndTellsOfItsBatch() {
    try (Segmenter segmenter = start(3, 1, () -> new BrightnessEngine(3))) {
      long startNanos = now.get();
      var masks =
          IntStream.of(10, 20, 30)
              .mapToObj(
                  brightness ->
                      segmenter.segment(image(brightness), Arrival.at(startNanos - brightness)))
              .toList();
      var segmentations = masks.stream().map(mask -> mask.join()).toList();

      assertThat(segmentations)
          .extracting(s -> (int) s.mask().labels()[0])
          .containsExactly(10, 20, 30);
      assertThat(segmentations).extracting(Segmentation::batchSize).containsOnly(3);
      assertThat(segmentations).extracting(Segmentation::batchId).containsOnly(1L);
      assertThat(segmentations)
          .extracting(Segmentation::queuedNanos)
          .containsExactly(10L, 20L, 30L);
      assertThat(segmentations)
          .extracting(Segmentation::inferenceNanos)
          .containsOnly(BrightnessEngine.RUN_NANOS);
    }
  }

  @Test
  void metersTimesOnTheDeviceAndBeforeIt() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (Segmenter segmenter =
        Segmenter.start(
            new BatchPolicy(1, Duration.ofHours(1), 16),
            1,
            () -> new BrightnessEngine(1),
            new InferenceMetrics(meters, now::get, FrameTracer.OFF))) {
      double busyBefore = busySeconds(meters); // The canary's time is no batch's.
      segmenter.segment(image(10), Arrival.at(now.get() - 40)).join();

      assertThat(busySeconds(meters) - busyBefore)
          .isEqualTo(BrightnessEngine.RUN_NANOS / 1e9, within(1e-12));
    }
    assertThat(meters.get("atrous.inference").tag("device", "fake").timer().count()).isEqualTo(1);
    assertThat(meters.get("atrous.queue").timer().totalTime(TimeUnit.NANOSECONDS)).isEqualTo(40);
    assertThat(meters.get("atrous.batch.limit").gauge().value()).isEqualTo(1);
  }

  private static double busySeconds(SimpleMeterRegistry meters) {
    return meters.get("atrous.device.busy").tag("device", "fake").functionCounter().count();
  }

  @Test
  void anImageThatBreaksTheEngineFailsAlone() {
    try (Segmenter segmenter = start(3, 1, () -> new BrightnessEngine(3))) {
      var first = segmenter.segment(image(1), Arrival.at(0));
      var poisoned = segmenter.segment(image(POISON), Arrival.at(0));
      var last = segmenter.segment(image(3), Arrival.at(0));

      assertThat(first.join().mask().labels()).containsOnly(1);
      assertThat(first.join().batchSize()).isEqualTo(1);
      assertThat(last.join().mask().labels()).containsOnly(3);
      assertThatThrownBy(poisoned::join).hasRootCauseMessage("poisoned");
    }
  }

  @Test
  void ownsOneEnginePerLaneAndClosesThem() throws InterruptedException {
    AtomicInteger open = new AtomicInteger();
    CountDownLatch bothBusy = new CountDownLatch(2);
    AtomicBoolean started = new AtomicBoolean();
    Supplier<SegmentationEngine> engines =
        () ->
            new BrightnessEngine(1) {
              {
                open.incrementAndGet();
              }

              @Override
              public List<EngineMask> segment(List<ByteBuffer> images) {
                if (started.get()) {
                  bothBusy.countDown();
                  awaitUninterrupted(bothBusy);
                }
                return super.segment(images);
              }

              @Override
              public void close() {
                open.decrementAndGet();
              }
            };
    try (Segmenter segmenter = start(1, 2, engines)) {
      assertThat(open).hasValue(2);
      started.set(true);
      var one = segmenter.segment(image(1), Arrival.at(0));
      var two = segmenter.segment(image(2), Arrival.at(0));

      assertThat(one.join().batchId()).isNotEqualTo(two.join().batchId());
    }
    assertThat(open).hasValue(0);
  }

  @Test
  void cancellingGivesUpAnImageThatStillWaits() {
    try (Segmenter segmenter = start(2, 1, () -> new BrightnessEngine(2))) {
      var given = segmenter.segment(image(1), Arrival.at(0));

      given.cancel(false);

      assertThat(segmenter.queued()).isZero();
    }
  }

  @Test
  void refusesAnImageOfAnotherSizeAtOnce() {
    try (Segmenter segmenter = start(1, 1, () -> new BrightnessEngine(1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> segmenter.segment(ByteBuffer.allocateDirect(11), Arrival.at(0)))
          .withMessage("an image is a direct buffer of 12 bytes, not of 11");
    }
  }

  @Test
  void doesNotStartWithBatchesThatItsEngineCannotTake() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> start(4, 1, () -> new BrightnessEngine(3)))
        .withMessage("the engine takes batches of 3 at most, the policy makes them of 4");
  }

  @Test
  void doesNotStartWithoutItsEngineAndPassesItsWordsOn() {
    assertThatThrownBy(
            () ->
                start(
                    1,
                    1,
                    () -> {
                      throw new IllegalStateException("no weights in street.safetensors");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no weights in street.safetensors");
  }

  private Segmenter start(int maxBatchSize, int lanes, Supplier<SegmentationEngine> engines) {
    return Segmenter.start(
        new BatchPolicy(maxBatchSize, Duration.ofHours(1), 16),
        lanes,
        engines,
        InferenceMetrics.unread(now::get));
  }

  private static ByteBuffer image(int brightness) {
    ByteBuffer image = ByteBuffer.allocateDirect(HEIGHT * WIDTH * 3);
    for (int i = 0; i < image.capacity(); i++) {
      image.put(i, (byte) brightness);
    }
    return image;
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Labels an image with its brightness; takes a while; can't stand one brightness. */
  private class BrightnessEngine implements SegmentationEngine {

    static final long RUN_NANOS = 5;
    private final int maxBatchSize;

    BrightnessEngine(int maxBatchSize) {
      this.maxBatchSize = maxBatchSize;
    }

    @Override
    public EngineProfile profile() {
      return new EngineProfile("fake", "fp32", HEIGHT, WIDTH, maxBatchSize);
    }

    @Override
    public List<EngineMask> segment(List<ByteBuffer> images) {
      now.addAndGet(RUN_NANOS);
      return images.stream()
          .map(
              image -> {
                byte brightness = image.get(0);
                if (brightness == POISON) {
                  throw new IllegalArgumentException("poisoned");
                }
                byte[] labels = new byte[HEIGHT * WIDTH];
                Arrays.fill(labels, brightness);
                return new EngineMask(labels, null);
              })
          .toList();
    }

    @Override
    public void close() {}
  }
}
