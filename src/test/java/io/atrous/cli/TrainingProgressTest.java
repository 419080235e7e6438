package io.atrous.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.mask.Mask;
import io.atrous.training.TrainingRun.StepReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private TrainingProgress progress(boolean terminal) {
    return new TrainingProgress(new PrintStream(bytes, true, UTF_8), terminal);
  }

  private static StepReport report(int step, int steps, long elapsedNanos) {
    return new StepReport(
        step, step / 10.0, 1.5, 0.003, 12.34, (double) step / steps, elapsedNanos);
  }

  @Test
  void redrawsABarOnATerminal() {
    progress(true).afterStep(report(1, 3, 2_000_000_000L));

    // Two seconds for one step, so four for the other two.
    assertThat(bytes.toString(UTF_8))
        .isEqualTo(
            "\r\u001b[K["
                + "#".repeat(10)
                + ".".repeat(20)
                + "] step 1, epoch 0.10  loss 1.500  rate 3.0e-03  12.3 images/s  0:00:04 left");
  }

  @Test
  void writesALineNowAndThenElsewhere() {
    TrainingProgress progress = progress(false);

    for (int step = 1; step <= 120; step++) {
      progress.afterStep(report(step, 120, 0));
    }

    assertThat(bytes.toString(UTF_8).lines())
        .containsExactly(
            "step 50, epoch 5.00  loss 1.500  rate 3.0e-03  12.3 images/s  0:00:00 left",
            "step 100, epoch 10.00  loss 1.500  rate 3.0e-03  12.3 images/s  0:00:00 left",
            "step 120, epoch 12.00  loss 1.500  rate 3.0e-03  12.3 images/s  0:00:00 left");
  }

  @Test
  void saysHowGoodTheNetworkIsAndWhatCouldNotBeWritten() {
    ConfusionMatrix matrix = new ConfusionMatrix(2);
    matrix.add(new Mask(4, 1, new byte[] {0, 0, 1, 1}), new Mask(4, 1, new byte[] {0, 0, 1, 1}));
    TrainingProgress progress = progress(false);

    progress.validated(250, matrix, true);
    progress.troubled("can't write it");

    assertThat(bytes.toString(UTF_8).lines())
        .containsExactly(
            "step 250: validation mIoU 1.000, the best so far", "atrous: can't write it");
  }
}
