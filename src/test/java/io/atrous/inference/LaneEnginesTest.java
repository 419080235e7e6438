package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.batching.Arrival;
import io.atrous.batching.BatchPolicy;
import io.atrous.model.Model;
import io.atrous.tracing.FrameTrace;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LaneEnginesTest {

  private static final Model MODEL = Model.named(Model.SHIPPED);

  /** The settings that engines were started with, and the threads that started them. */
  private final List<EngineSettings> started = new CopyOnWriteArrayList<>();

  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final AtomicBoolean broken = new AtomicBoolean();
  private final AtomicBoolean failed = new AtomicBoolean();

  @Test
  void areTwoForEachDeviceEachWarmedOnAThreadOfItsOwn() {
    LaneEngines engines = engines(new ExecutionTarget.Auto(), PrecisionChoice.FP16, 2);

    try (Segmenter segmenter = start(engines)) {
      assertThat(segmenter.lanes()).isEqualTo(4);
      assertThat(segmenter.devices()).isEqualTo("cuda:0, cuda:1");
    }
    assertThat(started)
        .extracting(settings -> settings.target().toString())
        .containsExactly("cuda:0", "cuda:0", "cuda:1", "cuda:1");
    assertThat(threads).doesNotHaveDuplicates().doesNotContain(Thread.currentThread());
  }

  /** The first of these chooses fp16; timed anew, another might choose otherwise. */
  @Test
  void allComputeInThePrecisionThatTheFirstHasChosen() {
    start(engines(new ExecutionTarget.AllCuda(), PrecisionChoice.AUTO, 2)).close();

    assertThat(started)
        .extracting(EngineSettings::precision)
        .containsExactly(
            PrecisionChoice.AUTO, PrecisionChoice.FP16, PrecisionChoice.FP16, PrecisionChoice.FP16);
  }

  @Test
  void whatComputesAsItWasSavedIsNotAskedForAnythingElse() {
    EngineProfile foreign = new EngineProfile("cuda:0", "as saved", 1, 1, 1);

    assertThat(PrecisionChoice.AUTO.like(foreign)).isEqualTo(PrecisionChoice.AUTO);
  }

  @Test
  void aDeviceThatBreaksIsTheEndOfAllAndBlamesNoImage() {
    try (Segmenter segmenter =
        start(engines(new ExecutionTarget.AllCuda(), PrecisionChoice.FP32, 2))) {
      broken.set(true);

      for (int i = 0; i < 20; i++) {
        var image = segmenter.segment(ScriptedEngine.image(i), Arrival.at(0));
        assertThatThrownBy(image::join).hasCauseInstanceOf(EngineBrokenException.class);
      }
    }
  }

  @Test
  void aDeviceShortOfMemoryGetsSmallerBatchesAndTheOthersDoNot() {
    InferenceLane.Shared shared = new InferenceLane.Shared(4, InferenceMetrics.unread(() -> 0));
    ScriptedEngine small =
        new DeviceEngine("cuda:0") {
          @Override
          void fail(List<ByteBuffer> images) {
            if (images.size() > 2) {
              throw new DeviceMemoryException("full");
            }
          }
        };
    ScriptedEngine large = new DeviceEngine("cuda:1");
    InferenceLane onSmall = new InferenceLane(small, shared);
    InferenceLane onLarge = new InferenceLane(large, shared);
    List<InferenceLane.Request> batch = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      batch.add(new InferenceLane.Request(ScriptedEngine.image(i), 0, FrameTrace.NONE));
    }
    onSmall.process(batch);
    small.calls.clear();
    large.calls.clear();

    onSmall.process(batch);
    onLarge.process(batch);

    assertThat(small.calls).containsExactly(2, 2);
    assertThat(large.calls).containsExactly(4);
  }

  @Test
  void refusesATargetThatIsNotHere() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> engines(new ExecutionTarget.AllCuda(), PrecisionChoice.AUTO, 0));
  }

  @Test
  void namesAPrecisionThatTheDeviceDoesNotComputeIn() {
    failed.set(true);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> start(engines(new ExecutionTarget.Cpu(), PrecisionChoice.FP16, 0)))
        .withMessage("the model does not run in fp16 on cpu: choose auto or another precision");
  }

  @Test
  void saysThatAModelRunsInNoWay() {
    failed.set(true);

    assertThatThrownBy(() -> start(engines(new ExecutionTarget.Cpu(), PrecisionChoice.AUTO, 0)))
        .hasMessage("the model runs in no way on cpu")
        .hasRootCauseMessage("no kernel");
  }

  private LaneEngines engines(ExecutionTarget target, PrecisionChoice precision, int cudaDevices) {
    EngineSettings settings =
        new EngineSettings(
            target,
            precision,
            ScriptedEngine.HEIGHT,
            ScriptedEngine.WIDTH,
            1,
            false,
            1,
            Path.of("unused"));
    return LaneEngines.of(
        MODEL,
        settings,
        new ScriptedBackend(cudaDevices, (model, deviceSettings) -> startEngine(deviceSettings)));
  }

  private SegmentationEngine startEngine(EngineSettings settings) {
    if (failed.get()) {
      throw new EngineFailedException("no kernel", null);
    }
    started.add(settings);
    threads.add(Thread.currentThread());
    return new DeviceEngine(settings.target().toString()) {
      @Override
      void fail(List<ByteBuffer> images) {
        if (broken.get()) {
          throw new IllegalStateException("the device is gone");
        }
      }
    };
  }

  private static Segmenter start(LaneEngines engines) {
    return Segmenter.start(
        new BatchPolicy(1, Duration.ZERO, 16),
        engines.count(),
        engines::startNext,
        InferenceMetrics.unread(() -> 0));
  }

  private static class DeviceEngine extends ScriptedEngine {

    private final String device;

    DeviceEngine(String device) {
      super(4);
      this.device = device;
    }

    @Override
    public EngineProfile profile() {
      return new EngineProfile(device, "fp16", HEIGHT, WIDTH, 4);
    }
  }
}
