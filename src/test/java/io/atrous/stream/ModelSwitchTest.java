package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.batching.Arrival;
import io.atrous.batching.BatchPolicy;
import io.atrous.event.ModelReference;
import io.atrous.inference.Segmenter;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.RegionOptions;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.SegmentationClass;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ModelSwitchTest {

  private final CountDownLatch firstClosed = new CountDownLatch(1);
  private final CountDownLatch secondClosed = new CountDownLatch(1);
  private final ServedModel first = model("1", firstClosed);
  private final ServedModel second = model("2", secondClosed);
  private final ModelSwitch models = new ModelSwitch(first);

  @Test
  void theOldModelIsClosedOnlyAfterItsLastFrameHasItsOutcome() throws Exception {
    FrameTask answered = begin();
    FrameTask givenUp = begin();
    FrameTask failed = begin();
    Thread swap = swap();
    // The switch is done before the wait for the old model's frames begins.
    while (models.current() == first) {
      Thread.onSpinWait();
    }
    FrameTask next = begin();

    answered.complete(new Outcome(null, List.of()));
    givenUp.outcome().cancel(false);

    assertThat(next.model()).isSameAs(second);
    assertThat(firstClosed.getCount()).isOne();
    failed.fail(new IllegalStateException("broken"));
    swap.join();
    assertThat(firstClosed.getCount()).isZero();
    assertThat(secondClosed.getCount()).isOne();
  }

  @Test
  void aModelWithoutFramesIsClosedAtOnce() throws Exception {
    begin().complete(new Outcome(null, List.of()));

    models.replaceBy(second);

    assertThat(firstClosed.getCount()).isZero();
    assertThat(models.current()).isSameAs(second);
  }

  @Test
  void theOldModelIsClosedEvenIfTheWaitForItsFramesIsBrokenOff() throws Exception {
    var unused = begin();
    Thread swap = swap();
    swap.interrupt();
    swap.join();

    assertThat(firstClosed.getCount()).isZero();
    assertThat(models.current()).isSameAs(second);
  }

  private FrameTask begin() {
    SourceRecord record =
        new SourceRecord("frames", 0, 0, 0, null, null, new RecordHeaders(), "attempt");
    return new FrameTask(record, record.camera(), Arrival.at(0), models.take());
  }

  private Thread swap() {
    Thread swap =
        new Thread(
            () -> {
              try {
                models.replaceBy(second);
              } catch (InterruptedException e) {
                // The test's.
              }
            });
    swap.start();
    return swap;
  }

  private static ServedModel model(String version, CountDownLatch closed) {
    ScriptedNetwork engine =
        new ScriptedNetwork() {
          @Override
          public void close() {
            closed.countDown();
          }
        };
    return new ServedModel(
        new ModelSpec(
            "m",
            version,
            new ClassCatalog(List.of(new SegmentationClass("a", 0))),
            EventFormat.SIDE,
            EventFormat.SIDE,
            Normalization.IMAGENET,
            ResizePolicy.FIT),
        Segmenter.start(
            new BatchPolicy(RealPipeline.MAX_BATCH, Duration.ZERO, 64),
            1,
            () -> engine,
            System::nanoTime),
        new ResultSettings(
            new ModelReference("m", version, "0".repeat(64), "fp32"),
            MaskFormat.CHAIN_CODE,
            null,
            new RegionOptions(0, 100, 0, Set.of()),
            1 << 20,
            1 << 20),
        1);
  }
}
