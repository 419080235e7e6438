package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.batching.BatchResult;
import io.atrous.inference.InferenceLane.Request;
import io.atrous.tracing.FrameTrace;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InferenceLaneTest {

  private static final int MAX_BATCH = 16;

  private final InferenceLane.Shared shared =
      new InferenceLane.Shared(MAX_BATCH, InferenceMetrics.unread(() -> 0));

  /** Fails on images of some red values, whatever their company. */
  private static class PickyEngine extends ScriptedEngine {

    final Set<Integer> refused = new TreeSet<>();

    PickyEngine() {
      super(MAX_BATCH);
    }

    @Override
    void fail(List<ByteBuffer> images) {
      if (images.stream().anyMatch(image -> refused.contains(red(image)))) {
        throw new IllegalStateException("an image that I can't take");
      }
    }
  }

  @Test
  void rejectsTheImagesThatTheEngineCannotTakeAndNoneOfTheirNeighbours() {
    Random random = new Random(11);
    PickyEngine engine = new PickyEngine();
    InferenceLane lane = new InferenceLane(engine, shared);
    for (int round = 0; round < 60; round++) {
      int size = 1 + random.nextInt(MAX_BATCH);
      engine.refused.clear();
      random.ints(random.nextInt(4), 0, size).forEach(engine.refused::add);

      List<BatchResult<Segmentation>> results = lane.process(requests(size));

      assertThat(results).hasSize(size);
      for (int i = 0; i < size; i++) {
        if (engine.refused.contains(i)) {
          assertThat(results.get(i)).isInstanceOf(BatchResult.Failed.class);
          assertThat(((BatchResult.Failed<?>) results.get(i)).cause())
              .isInstanceOf(ImageRejectedException.class);
        } else {
          assertThat(label(results.get(i))).isEqualTo(i);
        }
      }
    }
  }

  @Test
  void findsOneBadImageByHalvingAndAsksForTheCanaryLast() {
    PickyEngine engine = new PickyEngine();
    InferenceLane lane = new InferenceLane(engine, shared);
    engine.refused.add(0);
    engine.calls.clear();

    lane.process(requests(MAX_BATCH));

    assertThat(engine.calls)
        .as("16, 8, 4, 2, the image twice, the canary, and the other halves")
        .containsExactly(16, 8, 4, 2, 1, 1, 1, 1, 2, 4, 8);
  }

  /** Also while it looks for a bad image; the calls before are as many as two batches take. */
  @Test
  void blamesNoImageForAnEngineThatFailsFromSomeCallOn() {
    for (int soundCalls = 0; soundCalls < 20; soundCalls++) {
      DyingEngine engine = new DyingEngine();
      InferenceLane lane =
          new InferenceLane(
              engine, new InferenceLane.Shared(MAX_BATCH, InferenceMetrics.unread(() -> 0)));
      engine.refused.add(5);
      engine.soundCalls = soundCalls;

      assertThatThrownBy(() -> answerUntilItFails(lane))
          .as("after %d calls", soundCalls)
          .isInstanceOf(EngineBrokenException.class)
          .hasMessage("the engine fails on a known image too")
          .hasRootCauseMessage("the device is gone");
    }
  }

  private static void answerUntilItFails(InferenceLane lane) {
    while (true) {
      List<BatchResult<Segmentation>> results = lane.process(requests(8));
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i) instanceof BatchResult.Failed).isEqualTo(i == 5);
      }
    }
  }

  private static final class DyingEngine extends PickyEngine {

    int soundCalls = Integer.MAX_VALUE;

    @Override
    void fail(List<ByteBuffer> images) {
      if (soundCalls-- <= 0) {
        throw new IllegalStateException("the device is gone");
      }
      super.fail(images);
    }
  }

  @Test
  void asksNoEngineAgainOnceOneIsBroken() {
    ScriptedEngine other = new ScriptedEngine(MAX_BATCH);
    InferenceLane otherLane = new InferenceLane(other, shared);
    DyingEngine engine = new DyingEngine();
    InferenceLane brokenLane = new InferenceLane(engine, shared);
    engine.soundCalls = 0;
    assertThatThrownBy(() -> brokenLane.process(requests(1)))
        .isInstanceOf(EngineBrokenException.class);
    other.calls.clear();

    assertThatThrownBy(() -> otherLane.process(requests(3)))
        .isInstanceOf(EngineBrokenException.class);

    assertThat(other.calls).isEmpty();
  }

  /** It answers the canary, but not as it did at start. */
  @Test
  void blamesNoImageWhenTheEngineAnswersGarbage() {
    var engine =
        new PickyEngine() {
          private boolean garbles;

          @Override
          void garble(byte[] labels) {
            if (garbles) {
              Arrays.fill(labels, (byte) 0);
            }
          }
        };
    InferenceLane lane = new InferenceLane(engine, shared);
    engine.refused.add(3);
    engine.garbles = true;

    assertThatThrownBy(() -> lane.process(requests(8)))
        .isInstanceOf(EngineBrokenException.class)
        .hasMessage("the engine labels a known image otherwise than at start");
  }

  @Test
  void blamesAnImageThoughAFewOfTheCanarysPixelsTipOver() {
    var engine =
        new PickyEngine() {
          private boolean tips;

          @Override
          void garble(byte[] labels) {
            if (tips) {
              labels[7]++;
            }
          }
        };
    InferenceLane lane = new InferenceLane(engine, shared);
    engine.refused.add(0);
    engine.tips = true;

    assertThat(lane.process(requests(1)).get(0)).isInstanceOf(BatchResult.Failed.class);
  }

  /** As one that a cosmic ray or another process's peak causes. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 8})
  void answersEveryImageWhenAFailurePassesBy(int size) {
    var engine =
        new ScriptedEngine(MAX_BATCH) {
          private boolean fails;

          @Override
          void fail(List<ByteBuffer> images) {
            if (fails) {
              fails = false;
              throw new IllegalStateException("a hiccup");
            }
          }
        };
    InferenceLane lane = new InferenceLane(engine, shared);
    engine.fails = true;

    List<BatchResult<Segmentation>> results = lane.process(requests(size));

    assertThat(results).extracting(InferenceLaneTest::label).isEqualTo(range(size));
  }

  @Test
  void blamesNobodyForAnErrorOfTheJvm() {
    var engine =
        new ScriptedEngine(MAX_BATCH) {
          private boolean fails;

          @Override
          void fail(List<ByteBuffer> images) {
            if (fails) {
              throw new OutOfMemoryError("Java heap space");
            }
          }
        };
    InferenceLane lane = new InferenceLane(engine, shared);
    engine.fails = true;

    assertThatThrownBy(() -> lane.process(requests(4))).isInstanceOf(OutOfMemoryError.class);
  }

  /** Memory for some images at once, which a test gives and takes. */
  private static final class CrampedEngine extends ScriptedEngine {

    int roomForImages = MAX_BATCH;

    CrampedEngine() {
      super(MAX_BATCH);
    }

    @Override
    void fail(List<ByteBuffer> images) {
      if (images.size() > roomForImages) {
        throw new DeviceMemoryException("the device is out of memory");
      }
    }
  }

  @Test
  void answersEveryImageInBatchesThatTheDeviceHasMemoryFor() {
    for (int room = 1; room <= MAX_BATCH; room++) {
      CrampedEngine engine = new CrampedEngine();
      InferenceLane lane =
          new InferenceLane(
              engine, new InferenceLane.Shared(MAX_BATCH, InferenceMetrics.unread(() -> 0)));
      engine.roomForImages = room;
      for (int size = 1; size <= MAX_BATCH; size++) {
        assertThat(lane.process(requests(size)))
            .extracting(InferenceLaneTest::label)
            .isEqualTo(range(size));
      }
      engine.calls.clear();

      lane.process(requests(MAX_BATCH));

      assertThat(engine.calls)
          .filteredOn(images -> images > engine.roomForImages)
          .as("it knows by now that %d fit, and tries one more from time to time", room)
          .hasSizeLessThanOrEqualTo(1);
    }
  }

  @Test
  void runsFullBatchesAgainSomeTimeAfterTheMemoryIsBack() {
    CrampedEngine engine = new CrampedEngine();
    InferenceLane lane = new InferenceLane(engine, shared);
    engine.roomForImages = 1;
    lane.process(requests(MAX_BATCH));
    engine.roomForImages = MAX_BATCH;
    engine.calls.clear();

    while (engine.calls.isEmpty() || engine.calls.get(engine.calls.size() - 1) < MAX_BATCH) {
      lane.process(requests(MAX_BATCH));
    }

    for (int size = 1; size < MAX_BATCH; size++) {
      assertThat(Collections.frequency(engine.calls, size))
          .as("batches of %d", size)
          .isGreaterThanOrEqualTo(BatchSizeLimit.FITS_TO_GROW);
    }
  }

  /** Every image takes the same: that one does not fit says nothing of it. */
  @Test
  void blamesNoImageForWhichTheDeviceHasNoMemory() {
    CrampedEngine engine = new CrampedEngine();
    InferenceLane lane = new InferenceLane(engine, shared);
    engine.roomForImages = 0;

    assertThatThrownBy(() -> lane.process(requests(3)))
        .isInstanceOf(EngineBrokenException.class)
        .hasMessage("the engine has no memory for a single image")
        .hasCauseInstanceOf(DeviceMemoryException.class);
  }

  private static List<Integer> range(int size) {
    return IntStream.range(0, size).boxed().toList();
  }

  /** Images of red value 0, 1, 2 … */
  private static List<Request> requests(int size) {
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      requests.add(new Request(ScriptedEngine.image(i), 0, FrameTrace.NONE));
    }
    return requests;
  }

  private static int label(BatchResult<Segmentation> result) {
    return ((BatchResult.Answered<Segmentation>) result).value().mask().labels()[0];
  }
}
