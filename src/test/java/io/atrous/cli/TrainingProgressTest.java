package io.atrous.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AtomicLong nanos = new AtomicLong();

  private TrainingProgress progress(boolean terminal, int steps) {
    return new TrainingProgress(
        new CountedProgress(
            new PrintStream(bytes, true, UTF_8), terminal, "step", steps, nanos::get));
  }

  @Test
  void redrawsABarOnATerminal() {
    TrainingProgress progress = progress(true, 3);

    nanos.set(2_000_000_000L);
    progress.afterStep(0, 1.5);

    // Two seconds for one step, so four for the other two.
    assertThat(bytes.toString(UTF_8))
        .isEqualTo(
            "\r\u001b[K["
                + "#".repeat(10)
                + ".".repeat(20)
                + "] step 1/3  loss 1.500  0:00:04 left");
  }

  @Test
  void writesALineNowAndThenElsewhere() {
    TrainingProgress progress = progress(false, 120);

    for (int step = 0; step < 120; step++) {
      progress.afterStep(step, 1);
    }

    assertThat(bytes.toString(UTF_8).lines())
        .containsExactly(
            "step 50/120  loss 1.000  0:00:00 left",
            "step 100/120  loss 1.000  0:00:00 left",
            "step 120/120  loss 1.000  0:00:00 left");
  }
}
