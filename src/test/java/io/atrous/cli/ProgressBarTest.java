package io.atrous.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private ProgressBar bar(boolean terminal) {
    return new ProgressBar(new PrintStream(bytes, true, UTF_8), terminal);
  }

  @Test
  void redrawsItselfOnATerminalAndMakesRoom() {
    ProgressBar bar = bar(true);

    bar.show(0.5, "half");
    bar.clear();

    assertThat(bytes.toString(UTF_8))
        .isEqualTo("\r\u001b[K[" + "#".repeat(15) + ".".repeat(15) + "] half\r\u001b[K");
  }

  @Test
  void saysElsewhereWhatBegins() {
    ProgressBar bar = bar(false);

    bar.show(0, "first");
    bar.show(0.5, "first");
    bar.show(0.6, "second");
    bar.clear();

    assertThat(bytes.toString(UTF_8).lines()).containsExactly("first", "second");
  }
}
