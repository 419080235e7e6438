package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.batching.Arrival;
import io.atrous.live.LiveFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ModelSwitchTest {

  private final CountDownLatch firstClosed = new CountDownLatch(1);
  private final CountDownLatch secondClosed = new CountDownLatch(1);
  private final ServedModel first = model(firstClosed);
  private final ServedModel second = model(secondClosed);
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
    return new FrameTask(record, record.camera(), Arrival.at(0), models.take(), LiveFrame.NONE);
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

  private static ServedModel model(CountDownLatch closed) {
    ScriptedNetwork engine =
        new ScriptedNetwork() {
          @Override
          public void close() {
            closed.countDown();
          }
        };
    return TestModel.served(
        TestModel.segmenter(RealPipeline.MAX_BATCH, Duration.ZERO, () -> engine, System::nanoTime),
        1 << 20);
  }
}
